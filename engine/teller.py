"""Who tells: remembers what was seen and told of all runs, and how quiet each of them usually is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from engine.progress import rate
from engine.status import Status
from engine.telling import ENDS, GPU_IDLE, STALLED, Seen, Sign, Telling, ended, flagged, told
from engine.words import duration

ALIVE_S = 30.0  # a heartbeat comes every 2 s: with an older one the clock leapt, or the run is about to be lost
STALLED_S = 120.0  # nothing that is quieter for less than this has stalled
UNKNOWN_S = 900.0  # for as long a run may be quiet whose pace nobody knows yet
PACES = 5.0  # so many times longer than its own pace is too long
OLD = 500  # of what was so before, so much is put into words
GPU_IDLE_S, GPU_IDLE_PERCENT = 300.0, 5.0


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
        self._paces: dict[str, Pace] = {}

    def look(self, runs: Iterable[Seen], now: float) -> News:
        """What is not yet told of these runs, in the order in which it happened; of what is old the newest."""
        new: list[tuple[Seen, Sign]] = []
        old: list[tuple[Seen, Sign]] = []
        for run in runs:
            for sign in self._signs(run, now):
                key = (run.id, run.status.attempt, sign.kind, sign.apart)
                if key not in self._told:
                    self._told.add(key)
                    (new if self._is_new(run, sign) else old).append((run, sign))
            self._known.add(run.id)
        return News(_in_words(new), _in_words(nlargest(OLD, old, key=_when)))

    def _is_new(self, run: Seen, sign: Sign) -> bool:
        """Of a run that was seen before it is; of another one where it happened since, or all of the run did."""
        if run.id in self._known:
            return True
        happened_at = sign.at if sign.kind in ENDS.values() else run.status.started_at or run.created_at
        return happened_at >= self._began_at

    def _signs(self, run: Seen, now: float) -> list[Sign]:
        if run.status.state != "running":
            self._paces.pop(run.id, None)
            return ended(run)
        pace = self._paces.setdefault(run.id, Pace())
        pace.take(run, now)
        return [*flagged(run, now), *standing(run, pace, now)]


def _when(found: tuple[Seen, Sign]) -> float:
    return found[1].at


def _in_words(found: Iterable[tuple[Seen, Sign]]) -> Sequence[Telling]:
    return [told(run, sign) for run, sign in sorted(found, key=_when)]


class Pace:
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


def standing(run: Seen, pace: Pace, now: float) -> list[Sign]:
    """Whether a run that lives stands still, or lets its GPU wait."""
    found = []
    alive = now - run.status.heartbeat_at < ALIVE_S
    if alive and now - pace.heard_at > pace.patience_s(run.status):
        words = f"has said nothing for {duration(now - pace.heard_at)}, and it runs"
        found.append(Sign(STALLED, now, pace.heard_at, words))
    if alive and pace.idle_since is not None and now - pace.idle_since > GPU_IDLE_S:
        words = f"has let its GPU wait for {duration(now - pace.idle_since)}"
        found.append(Sign(GPU_IDLE, now, pace.idle_since, words))
    return found
