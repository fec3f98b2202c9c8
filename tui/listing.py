"""The runs that a list shows, in their order; what has not changed since the last time is not looked at again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.filter import Filter
from tui.entries import Entry

SLICE = 100  # entries between two pauses in which the screen may draw
TICKING = {"age", "duration", "left"}  # fields that change with the clock alone
STALE_S = 60.0


@dataclass(frozen=True)
class Wanted:
    """Which runs, and in which order; `sort` names the order, `rank` is what is compared."""

    filter: Filter
    sort: str
    rank: Callable[[Entry], Any]
    reverse: bool = False


@dataclass(frozen=True)
class Listed:
    """What was found, and what of it the next time can rely on."""

    wanted: Wanted | None = None
    entries: Mapping[str, Entry] = field(default_factory=dict)
    ranks: Mapping[str, Any] = field(default_factory=dict)  # of the runs that fit
    keys: Sequence[str] = ()
    at: float = 0.0

    def much(self, entries: Sequence[Entry], wanted: Wanted, now: float) -> int:
        """About how many runs would have to be looked at for another list."""
        return len(entries) - (len(self.entries) if self.wanted and self._same(wanted, now) == (True, True) else 0)

    def _same(self, wanted: Wanted, now: float) -> tuple[bool, bool]:
        """Whether what is known of the filter's answers holds, and what is known of the order."""
        if self.wanted is None:
            return False, False
        stale = now - self.at > STALE_S and _ticks(wanted.filter)
        return wanted.filter == self.wanted.filter and not stale, wanted.sort == self.wanted.sort


def listed(
    before: Listed, entries: Sequence[Entry], wanted: Wanted, now: float, pause: Callable[[], object] = lambda: None
) -> Listed:
    """The runs that are wanted; `pause` is called now and then, where this is done beside something more urgent."""
    same_filter, same_order = before._same(wanted, now)
    ticks, ranks = _ticks(wanted.filter), dict[str, Any]()
    for number, entry in enumerate(entries):
        if not number % SLICE:
            pause()
        known = same_filter and before.entries.get(entry.id) is entry and not (ticks and entry.moving)
        if known and entry.id in before.ranks:
            ranks[entry.id] = before.ranks[entry.id] if same_order else wanted.rank(entry)
        elif not known and (not wanted.filter.terms or wanted.filter.fits(entry.fields(now))):
            ranks[entry.id] = wanted.rank(entry)
    at = before.at if same_filter else now
    return Listed(wanted, {entry.id: entry for entry in entries}, ranks, _ordered(before, ranks, wanted.reverse), at)


def _ordered(before: Listed, ranks: Mapping[str, Any], reverse: bool) -> Sequence[str]:
    """Sorted from the order that was: what is nearly sorted takes next to no time, and what is equal stays."""
    there = [key for key in before.keys if key in ranks]
    old = set(there)
    return sorted([*there, *(key for key in ranks if key not in old)], key=ranks.__getitem__, reverse=reverse)


def _ticks(wanted: Filter) -> bool:
    return any(term.field in TICKING for either in wanted.terms for term in either)
