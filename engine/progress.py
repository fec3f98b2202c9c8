"""How fast a run goes and how long it still needs."""

from __future__ import annotations

from engine.status import Status


def rate(status: Status) -> float | None:
    """Units a second, over the whole of the present phase or what followed a resume; None before the first one."""
    done = status.done - status.done_before
    if not (status.state == "running" and done > 0 and status.phase_started_at):
        return None
    seconds = status.heartbeat_at - status.phase_started_at
    return done / seconds if seconds > 0 else None


def remaining(status: Status) -> float | None:
    """Seconds that the present phase still needs at that rate; None where nobody knows."""
    speed = rate(status)
    return (status.total - status.done) / speed if speed and status.total else None
