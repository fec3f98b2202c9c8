"""What is worth telling of runs: that one ended, went wrong, stands still. From plain values to plain values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.status import Status
from engine.words import duration, headline, results

FINISHED, FAILED, LOST, PREEMPTED, STOPPED = "finished", "failed", "lost", "preempted", "stopped"
NAN, FLAGGED, STALLED, GPU_IDLE = "nan", "flagged", "stalled", "gpu idle"
ENDS = {"done": FINISHED, "failed": FAILED, "lost": LOST, "preempted": PREEMPTED, "stopped": STOPPED}
TROUBLE = (FAILED, LOST, PREEMPTED, NAN, STALLED, GPU_IDLE)

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


@dataclass(frozen=True)
class Telling:
    """One thing that is worth telling; two with the same key are the same."""

    kind: str
    run_id: str
    name: str
    words: str
    at: float
    key: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.name} {self.words}"


def ended(run: Seen) -> list[Telling]:
    """How a run ended; nothing while it moves."""
    status = run.status
    kind = ENDS.get(status.state)
    if kind is None:
        return []
    at = status.ended_at or status.heartbeat_at or run.created_at
    ends = [about(run, kind, _how(status, kind), at, status.ended_at)]
    return [*flagged(run, at), *ends]


def flagged(run: Seen, at: float) -> list[Telling]:
    """Numbers that are none, and the red flags of a run."""
    found = []
    numbers = {**run.status.latest, **run.status.metrics}
    bad = [name for name, value in numbers.items() if not math.isfinite(value)]
    if bad:
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        found.append(about(run, NAN, f"{bad[0]} is {numbers[bad[0]]}{more}", at))
    found += [about(run, FLAGGED, flag, at, flag) for flag in run.status.flags]
    return found


def about(run: Seen, kind: str, words: str, at: float, *more: Any) -> Telling:
    """A telling of a run's present attempt; `more` tells it from others of its kind."""
    return Telling(kind, run.id, run.name, words, at, (run.id, run.status.attempt, kind, *more))


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


def asdict(telling: Telling) -> dict[str, Any]:
    """A telling as it stands in JSON."""
    return {name: value for name, value in vars(telling).items() if name != "key"}
