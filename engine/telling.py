"""What is worth telling of runs: that one ended, went wrong, stands still. From plain values to plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, NamedTuple

from engine.status import Status
from engine.words import duration, headline, results

FINISHED, FAILED, LOST, PREEMPTED, STOPPED = "finished", "failed", "lost", "preempted", "stopped"
NAN, FLAGGED, STALLED, GPU_IDLE = "nan", "flagged", "stalled", "gpu idle"
FOLLOWED = "followed"  # a run on a machine, again
MACHINE_IDLE, MACHINE_TAKEN, BUDGET = "machine idle", "machine preempted", "budget"
ENDS = {"done": FINISHED, "failed": FAILED, "lost": LOST, "preempted": PREEMPTED, "stopped": STOPPED}
TROUBLE = (FAILED, LOST, PREEMPTED, NAN, STALLED, GPU_IDLE, MACHINE_IDLE, MACHINE_TAKEN, BUDGET)

NAMED = 5  # tellings of one moment that are named before they are only counted


@dataclass(frozen=True)
class Seen:
    """A run as it was seen; `heard_at` is when it last said anything, be it a line of its log."""

    id: str
    job: str
    name: str
    created_at: float
    status: Status
    heard_at: float | None = None
    gpu_percent: float | None = None


class Sign(NamedTuple):
    """That something is so with a run; what is `apart` tells it from others of its kind in the same attempt."""

    kind: str
    at: float
    apart: object = None
    words: str = ""  # those for an end are made when it is told: of thousands of old ones nobody reads


@dataclass(frozen=True)
class Telling:
    """One thing that is worth telling."""

    kind: str
    run_id: str
    name: str
    words: str
    at: float

    def __str__(self) -> str:
        return f"{self.name} {self.words}"


def told(run: Seen, sign: Sign) -> Telling:
    """A sign in words."""
    return Telling(sign.kind, run.id, run.name, sign.words or _how(run.status, sign.kind), sign.at)


def ended(run: Seen) -> list[Sign]:
    """How a run ended; nothing while it moves."""
    status = run.status
    kind = ENDS.get(status.state)
    if kind is None:
        return []
    at = status.ended_at or status.heartbeat_at or run.created_at
    return [*flagged(run, at), Sign(kind, at, status.ended_at)]


def flagged(run: Seen, at: float) -> list[Sign]:
    """Numbers that are none, and the red flags of a run."""
    found = [Sign(FLAGGED, at, flag, flag) for flag in run.status.flags]
    for numbers in (run.status.latest, run.status.metrics):
        bad = [name for name, value in numbers.items() if not isfinite(value)]
        if bad:
            more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
            return [Sign(NAN, at, None, f"{bad[0]} is {numbers[bad[0]]}{more}"), *found]
    return found


def _how(status: Status, kind: str) -> str:
    took = duration(status.ended_at - status.started_at) if status.ended_at and status.started_at else ""
    after = f" after {took}" if took else ""
    if kind != FINISHED:
        return f"{kind}{after}{f': {reason}' if (reason := _first_line(status.error)) else ''}"
    name = headline(status.metrics, [entry.name for entry in status.criteria])
    missed = sum(1 for entry in status.criteria if not entry.passed)
    parts = [f"finished{after}", f"{name} {results(status.metrics)[name]}" if name else ""]
    return ", ".join([*filter(None, parts), *([f"{missed} of {len(status.criteria)} criteria not met"] * bool(missed))])


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def summary(tellings: Sequence[Telling]) -> str:
    """Many tellings in few words: 38 finished, 2 failed."""
    kinds = dict.fromkeys(telling.kind for telling in tellings)
    counted = ((sum(telling.kind == kind for telling in tellings), kind) for kind in kinds)
    return ", ".join(f"{count} {kind}" for count, kind in counted)


def payload(tellings: Sequence[Telling], workspace: str, host: str) -> dict[str, Any]:
    """Tellings of one moment for programs; `text` is what chats show of it."""
    named = [f"{telling} ({telling.run_id})" for telling in tellings[:NAMED]]
    many = len(tellings) > NAMED
    lines = [f"{summary(tellings)}; the first {NAMED}:", *named] if many else named
    return {"text": "\n".join([*lines, f"on {host}, {workspace}"]), "tellings": [asdict(one) for one in tellings],
            "workspace": workspace, "host": host}  # fmt: skip
