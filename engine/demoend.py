"""How the runs of a demo end with it: asked to stop, then at once, and killed where they hear neither."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import FootplateError
from engine.files import write_json
from engine.run import Run, alone, request_stop
from engine.status import Status, to_json

if TYPE_CHECKING:
    import psutil

STOP_S = 8.0
WHY = "the demo ended before it did"


def stop_all(runs: Sequence[Run]) -> int:
    """End those that are active, and return when none is; how many there were."""
    active = [run for run in runs if status(run).active]
    for now in (False, True):
        for run in active:
            with suppress(FootplateError):  # it ended meanwhile
                request_stop(run, now=now)
        end = time.monotonic() + STOP_S
        while time.monotonic() < end and any(status(run).active for run in active):
            time.sleep(0.05)
    for run in active:
        kill(run)
    return len(active)


def kill(run: Run) -> None:
    """End a run that is active whatever its processes wait for: a busy machine, or one that has gone."""
    if not status(run).active:
        return
    for process in _processes(run):
        process.kill()
        process.wait(STOP_S)
    with suppress(FootplateError, OSError), alone(run):
        known = status(run)
        if known.state != "done":
            ended = replace(known, state="stopped", error=WHY, exit_code=3, ended_at=time.time(), link="")
            write_json(run.status_file, to_json(ended))


def status(run: Run) -> Status:
    """How it stands; as one that was never begun where whoever looks at the demo has archived it."""
    with suppress(FootplateError):
        return run.status()
    return Status(state="stopped")


def _processes(run: Run) -> Iterator[psutil.Process]:
    """Those that were started for it: supervisor or shepherd, which could start others, before the job."""
    import psutil  # for the rare run that does not hear

    with_words = ((one, one.info["cmdline"] or ()) for one in psutil.process_iter(["cmdline"]))
    of_run = [(one, words) for one, words in with_words if {run.id, str(run.folder)} & set(words)]
    for one, _ in sorted(of_run, key=lambda found: str(run.folder) not in found[1]):
        with suppress(psutil.NoSuchProcess):
            yield one
