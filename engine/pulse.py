"""When a run last said anything, and what its GPU did then: the end of its events and the time of its log."""

from __future__ import annotations

from dataclasses import dataclass

from engine.events import Gpu, from_line
from engine.run import Run

TAIL = 1 << 16  # readings alone fill this in about eight minutes


@dataclass(frozen=True)
class Pulse:
    """`heard_at` in seconds since 1970; None where there is nothing to go by."""

    heard_at: float | None = None
    gpu_percent: float | None = None


def pulse(run: Run) -> Pulse:
    """Readings of the machine, which come whether the job works or hangs, are no sign of life."""
    said_at, gpus = _last_words(run)
    heard = [at for at in (said_at, _log_grew(run)) if at is not None]
    return Pulse(max(heard, default=None), max(gpus, default=None))


def _last_words(run: Run) -> tuple[float | None, list[float]]:
    """When the newest event came that is no reading, and the newest reading of each GPU."""
    said_at, gpus, read = None, [], False
    for line in reversed(_tail(run)):
        if b'"kind":"Host"' in line:
            read = True  # it stands before the GPUs of the same reading
        elif b'"kind":"Gpu"' in line:
            gpu = None if read else from_line(line)
            gpus += [gpu.percent] if isinstance(gpu, Gpu) else []
        elif said_at is None and (event := from_line(line)):
            said_at = event.at
        if read and said_at is not None:
            break
    return said_at, gpus


def _tail(run: Run) -> list[bytes]:
    try:
        with run.events.open("rb") as file:
            file.seek(max(0, run.events.stat().st_size - TAIL))
            return file.read(TAIL).split(b"\n")[:-1]
    except OSError:
        return []


def _log_grew(run: Run) -> float | None:
    try:
        return run.log.stat().st_mtime
    except OSError:
        return None
