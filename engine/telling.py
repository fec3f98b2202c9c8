"""What is worth telling of runs: that one ended, went wrong, stands still. From plain values to plain values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.progress import rate
from engine.status import Status
from engine.words import duration, headline, results

FINISHED, FAILED, LOST, PREEMPTED, STOPPED = "finished", "failed", "lost", "preempted", "stopped"
NAN, FLAGGED, STALLED, GPU_IDLE = "nan", "flagged", "stalled", "gpu idle"
ENDS = {"done": FINISHED, "failed": FAILED, "lost": LOST, "preempted": PREEMPTED, "stopped": STOPPED}
TROUBLE = (FAILED, LOST, PREEMPTED, NAN, STALLED, GPU_IDLE)

ALIVE_S = 30.0  # a heartbeat comes every 2 s: with an older one the clock leapt, or the run is about to be lost
STALLED_S = 120.0  # nothing that is quieter for less than this has stalled
UNKNOWN_S = 900.0  # for as long a run may be quiet whose pace nobody knows yet
PACES = 5.0  # so many times longer than its own pace is too long
GPU_IDLE_S, GPU_IDLE_PERCENT = 300.0, 5.0
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


@dataclass(frozen=True)
class News:
    """What a look has found: what is `new`, and what was so before anybody looked."""

    new: Sequence[Telling] = ()
    old: Sequence[Telling] = ()


class Teller:
    """Remembers what it saw and told, so that nothing is told twice, or that was so before it `began_at`."""

    def __init__(self, began_at: float) -> None:
        self._began_at = began_at
        self._known: set[str] = set()
        self._told: set[tuple[Any, ...]] = set()
        self._paces: dict[str, _Pace] = {}

    def look(self, runs: Iterable[Seen], now: float) -> News:
        """What is not yet told of these runs, in the order in which it happened."""
        new: list[Telling] = []
        old: list[Telling] = []
        for run in runs:
            found = [telling for telling in self._of(run, now) if telling.key not in self._told]
            self._told.update(telling.key for telling in found)
            for telling in found:
                (new if self._is_new(run, telling) else old).append(telling)
            self._known.add(run.id)
        return News(sorted(new, key=_when), sorted(old, key=_when))

    def _is_new(self, run: Seen, telling: Telling) -> bool:
        """Of a run that was seen before it is; of another one where it happened since, or all of the run did."""
        if run.id in self._known:
            return True
        happened_at = telling.at if telling.kind in ENDS.values() else run.status.started_at or run.created_at
        return happened_at >= self._began_at

    def _of(self, run: Seen, now: float) -> list[Telling]:
        if run.status.state != "running":
            self._paces.pop(run.id, None)
            return ended(run)
        pace = self._paces.setdefault(run.id, _Pace())
        pace.take(run, now)
        return [*flagged(run, now), *standing(run, pace, now)]


def _when(telling: Telling) -> float:
    return telling.at


class _Pace:
    """How long a run is quiet between two signs of life, and since when its GPU has nothing to do."""

    def __init__(self) -> None:
        self.heard_at = 0.0
        self.longest_s = 0.0
        self.idle_since: float | None = None

    def take(self, run: Seen, now: float) -> None:
        heard_at = max(run.heard_at or 0.0, run.status.started_at or run.created_at)
        self.longest_s = max(self.longest_s, heard_at - (self.heard_at or heard_at))
        self.heard_at = heard_at
        idle = run.gpu_percent is not None and run.gpu_percent <= GPU_IDLE_PERCENT
        self.idle_since = (self.idle_since or now) if idle else None

    def patience_s(self, status: Status) -> float:
        """After how long a silence it counts as stalled: several times its own pace."""
        speed = rate(status)
        if not speed and not self.longest_s:
            return UNKNOWN_S
        return max(STALLED_S, PACES / speed if speed else 0.0, PACES * self.longest_s)


def ended(run: Seen) -> list[Telling]:
    """How a run ended; nothing while it moves."""
    status = run.status
    kind = ENDS.get(status.state)
    if kind is None:
        return []
    at = status.ended_at or status.heartbeat_at or run.created_at
    ends = [_telling(run, kind, _how(status, kind), at, status.ended_at)]
    return [*flagged(run, at), *ends]


def flagged(run: Seen, at: float) -> list[Telling]:
    """Numbers that are none, and the red flags of a run."""
    found = []
    numbers = {**run.status.latest, **run.status.metrics}
    bad = [name for name, value in numbers.items() if not math.isfinite(value)]
    if bad:
        more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
        found.append(_telling(run, NAN, f"{bad[0]} is {numbers[bad[0]]}{more}", at))
    found += [_telling(run, FLAGGED, flag, at, flag) for flag in run.status.flags]
    return found


def standing(run: Seen, pace: _Pace, now: float) -> list[Telling]:
    """Whether a run that lives stands still, or lets its GPU wait."""
    found = []
    alive = now - run.status.heartbeat_at < ALIVE_S
    if alive and now - pace.heard_at > pace.patience_s(run.status):
        words = f"has said nothing for {duration(now - pace.heard_at)}, and it runs"
        found.append(_telling(run, STALLED, words, now, pace.heard_at))
    if alive and pace.idle_since is not None and now - pace.idle_since > GPU_IDLE_S:
        words = f"has let its GPU wait for {duration(now - pace.idle_since)}"
        found.append(_telling(run, GPU_IDLE, words, now, pace.idle_since))
    return found


def _telling(run: Seen, kind: str, words: str, at: float, *more: Any) -> Telling:
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
