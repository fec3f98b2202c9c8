"""One machine from its creation to its deletion: when it ran, stood stopped, and which prices held."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from vmops.prices import Rates

GONE, STOPPED, ASKED = "gone", "stopped", "asked"
NOT_YET = (STOPPED, ASKED, "provisioning", "staging")  # in these states it does not run, and its time costs nothing
SAME_S = 1.0  # two times of the cloud that lie closer are one


@dataclass
class Session:
    """A machine ran, from its start to its end; None while it runs."""

    start: float
    end: float | None = None
    preempted: bool = False


@dataclass
class Life:
    """One machine, from its creation to its deletion; another one of the same name has another life."""

    name: str
    id: str = ""
    created: float = 0.0
    deleted: float | None = None
    sessions: list[Session] = field(default_factory=list)
    steps: list[tuple[float, Rates]] = field(default_factory=list)  # from when on which prices held
    seen: Mapping[str, Any] = field(default_factory=dict)  # the last look at it
    seen_at: float = 0.0
    words: list[str] = field(default_factory=list)  # what was assumed, and why
    lost: bool = False  # it was not there any more when somebody looked

    @property
    def running(self) -> bool:
        return bool(self.sessions) and self.sessions[-1].end is None and self.deleted is None

    @property
    def state(self) -> str:
        return GONE if self.deleted is not None else "running" if self.running else STOPPED

    @property
    def simulated(self) -> bool:
        return bool(self.seen.get("simulated"))

    @property
    def ends_at(self) -> float | None:
        """When the cloud itself stops or deletes it, where that was asked for and it runs."""
        limit = time_of(self.seen, "ends_at")
        return limit if self.running else None

    def rates(self, at: float) -> Rates:
        """The prices that held at a time; before the first ones were written down, those."""
        held = [rates for since, rates in self.steps if since <= at] or [rates for _, rates in self.steps[:1]]
        return held[-1] if held else Rates(None, None, None, None)

    def spans(self, start: float, end: float) -> Iterable[tuple[float, float, Rates]]:
        """A time cut where prices changed."""
        cuts = sorted({start, end, *(since for since, _ in self.steps if start < since < end)})
        return [(one, other, self.rates(one)) for one, other in pairwise(cuts)]

    def look(self, seen: Mapping[str, Any], at: float) -> str:
        """Take in a look at the machine; what it changed, as an act, or nothing."""
        self.seen, self.seen_at = {**self.seen, **seen}, max(at, self.seen_at)
        found = self.lost and seen.get("state") != GONE
        if found:
            self._find()
        if self.deleted is not None:
            return ""
        if seen.get("state") == GONE:
            self._delete(time_of(seen, "deleted_at") or at)
            return "deleted"
        began, ended = self._begin(seen, at), self._end(seen, at)
        return ended or began or ("found" if found else "")

    def _begin(self, seen: Mapping[str, Any], at: float) -> str:
        start = time_of(seen, "started_at")
        if start is None:  # the cloud did not tell: then from when we saw it run
            start = None if self.running or seen.get("state") in NOT_YET else at
        if start is None or (self.sessions and start <= self.sessions[-1].start + SAME_S):
            return ""  # nothing new: the same start, or an old look that comes late
        if self.running:
            self._stop_unseen(start, time_of(seen, "stopped_at"))
        self.sessions.append(Session(start))
        return "started"

    def _stop_unseen(self, restart: float, stopped: float | None) -> None:
        """It was started again, so it has stopped in between."""
        last = self.sessions[-1]
        if stopped is not None and last.start <= stopped <= restart:
            last.end = stopped
        else:
            last.end = restart
            self.words.append(f"stopped unseen before {when(restart)}: counted until then, at most")

    def _end(self, seen: Mapping[str, Any], at: float) -> str:
        if seen.get("state") != STOPPED or not self.running:
            return ""
        last, stopped = self.sessions[-1], time_of(seen, "stopped_at")
        end = at if stopped is None else stopped
        if end < last.start:
            skew = f"its end ({when(end)}) lies before its start ({when(last.start)}): counted as begun and ended there"
            self.words.append(skew)
        last.end, last.preempted = max(end, last.start), bool(seen.get("preempted"))
        return "preempted" if last.preempted else "stopped"

    def _delete(self, at: float) -> None:
        self.deleted = max(at, self.created)
        if self.sessions and self.sessions[-1].end is None:
            self.sessions[-1].end = max(at, self.sessions[-1].start)

    def lose(self, at: float) -> None:
        """It is not there any more, and nobody saw it go."""
        self.words.append(f"deleted unseen between {when(self.seen_at)} and {when(at)}: counted until then, at most")
        limit = self.ends_at
        if limit is not None and limit < at:
            self.sessions[-1].end = max(limit, self.sessions[-1].start)
            self.words.append(f"its limit ended its run at {when(limit)}")
        self._delete(at)
        self.lost = True

    def _find(self) -> None:
        """It is there after all: a list of machines had not been whole."""
        if self.sessions and self.sessions[-1].end == self.deleted:
            self.sessions[-1].end = None
        self.deleted, self.lost = None, False
        self.words = [word for word in self.words if not word.startswith("deleted unseen")]


def time_of(seen: Mapping[str, Any], key: str) -> float | None:
    """A time that a look tells; None where it tells none."""
    value = seen.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None


def when(at: float) -> str:
    """A time of UTC, to the second."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(at))
