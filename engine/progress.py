"""How fast a run goes and how long it still needs."""

from __future__ import annotations

from engine.status import Status


def rate(status: Status) -> float | None:
    """Units a second in the present phase, over the whole of it; None before the first one."""
    if not (status.state == "running" and status.done and status.phase_started_at):
        return None
    seconds = status.heartbeat_at - status.phase_started_at
    return status.done / seconds if seconds > 0 else None


def remaining(status: Status) -> float | None:
    """Seconds that the present phase still needs at that rate; None where nobody knows."""
    speed = rate(status)
    return (status.total - status.done) / speed if speed and status.total else None
