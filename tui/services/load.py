"""What a running run uses now, from the end of its events."""

from __future__ import annotations

from engine.events import Gpu, Host, from_line
from engine.run import Run
from tui.entries import Load

TAIL = 1 << 15  # a reading comes every two seconds, progress in between up to ten times a second


def load(run: Run) -> Load | None:
    """The newest reading of processor, memory and GPU; None before the first one."""
    gpus: list[float] = []
    for line in reversed(_tail(run)):
        event = from_line(line) if b'"Host"' in line or b'"Gpu"' in line else None
        if isinstance(event, Gpu):
            gpus.append(event.percent)
        elif isinstance(event, Host):
            return Load(event.percent, event.memory_used, max(gpus) if gpus else None)
    return None


def _tail(run: Run) -> list[bytes]:
    try:
        with run.events.open("rb") as file:
            file.seek(max(0, run.events.stat().st_size - TAIL))
            return file.read(TAIL).split(b"\n")
    except OSError:
        return []
