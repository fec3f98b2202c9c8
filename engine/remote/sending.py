"""Send a run to its machine: its folder, and what its job reads; doing it again sends only what has changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from engine.annotations.database import explained
from engine.remote import far, fetching
from engine.remote.copying import EVENTS, GROWING
from engine.remote.inputs import LABELS, Input
from engine.remote.there import There
from engine.run import RESERVE, Run
from vmops import sync
from vmops.provider import Say

ASKED = ("run.json", "spec.yaml")
SAID = (*GROWING, "environment.json")


def inputs(there: There, run: Run, found: Sequence[Input], say: Say) -> None:
    """Send what the job reads."""
    for one in found:
        say(f"sending {one.reference or one.target}")
        if one.target == LABELS:
            _labels(there, run, one)
        else:
            sync.push(there.host, one.source, f"{there.workspace}/{one.target}", say, links="follow")


def _labels(there: There, run: Run, one: Input) -> None:
    """A copy of the log as it stands in one moment, whoever is writing to it."""
    with _beside(run) as folder:
        copy = folder / LABELS
        with explained(one.source):
            source = sqlite3.connect(f"{one.source.absolute().as_uri()}?mode=ro", uri=True)
            with closing(source), closing(sqlite3.connect(copy)) as target:
                source.backup(target)
        incoming = f".{run.id}.{LABELS}"
        sync.push(there.host, copy, f"{there.workspace}/{incoming}", lambda words: None)
    there.place(incoming, LABELS)


def folder(
    there: There, run: Run, attempt: int, known: dict[str, int], found: Sequence[Input], *, with_work: bool
) -> None:
    """Send the run's own folder; what it said so far goes along where the machine has less of it than we have.

    Args:
        attempt: the one that will begin there.
        known: how long the files are there.
        with_work: whether checkpoints may go along, in the place of those that are there.
    """
    fetching.settle(run)
    less = lacks(run, known)
    with _beside(run) as beside:
        for name in (*ASKED, *(SAID if less else ())):
            if (run.folder / name).exists():
                os.link(run.folder / name, beside / name)
        (beside / ".reserve").write_bytes(RESERVE)
        sync.push(there.host, beside, there.folder, lambda words: None)
    for name in ("artifacts", "work") if less and with_work else ():
        if (run.folder / name).is_dir():
            # Without what is there of other attempts: a mixture would be no checkpoint.
            sync.push(there.host, run.folder / name, f"{there.folder}/{name}", lambda words: None, delete=True)
    status = {"state": "pending", "title": run.status().title, "attempt": attempt - 1}
    there.ready(status, {one.reference: one.target for one in found if one.moved})


def lacks(run: Run, known: dict[str, int]) -> bool:
    """Whether a machine has less of a run than is here: it has never seen it, or has lost some of it."""
    return any(_size(run.folder / name) > known.get(name, 0) for name in (EVENTS, "log.txt"))


def has_older_work(run: Run, seen: Mapping[str, Any]) -> bool:
    """Whether ours may replace the checkpoints on a machine, as it was looked at: it has none, or older ones."""
    fetching.settle(run)
    theirs = float(seen.get("work_at") or 0.0)
    attempts = int(seen["status"].get("attempt", 0)), run.status().attempt
    if not theirs or attempts[0] < attempts[1]:
        return True
    return attempts[0] == attempts[1] and far.newest(run.folder / "work") > theirs


@contextmanager
def _beside(run: Run) -> Iterator[Path]:
    """A folder for what is to be sent as it is now."""
    place = run.folder / ".sending"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
