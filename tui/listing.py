"""The runs that a list shows, in their order; what has not changed since the last time is not looked at again."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.filter import Filter
from tui.entries import Entry

SLICE = 100  # entries in a step
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


def listed(before: Listed, entries: Sequence[Entry], wanted: Wanted, now: float) -> Listed:
    """The runs that are wanted."""
    steps = listing(before, entries, wanted, now)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Listed = end.value
            return found


def listing(
    before: Listed, entries: Sequence[Entry], wanted: Wanted, now: float
) -> Generator[None, None, Listed]:  # fmt: skip
    """The runs that are wanted, found in steps of a few milliseconds, between which the screen may draw."""
    there = {entry.id: entry for entry in entries}
    same_filter, same_order = before._same(wanted, now)
    if not (same_filter and same_order):
        ranks = yield from _ranked(entries, wanted, now)
        return Listed(wanted, there, ranks, _ordered(before.keys, ranks, wanted.reverse), now)
    ticks, known = _ticks(wanted.filter), before.entries.get
    changed = [entry for entry in entries if known(entry.id) is not entry or (ticks and entry.moving)]
    gone = before.entries.keys() - there.keys() if len(there) < len(before.entries) + len(changed) else ()
    ranks = dict(before.ranks)
    for key in (*gone, *(entry.id for entry in changed)):
        ranks.pop(key, None)
    ranks |= yield from _ranked(changed, wanted, now)
    return Listed(wanted, there, ranks, _ordered(before.keys, ranks, wanted.reverse), before.at)


def _ranked(entries: Sequence[Entry], wanted: Wanted, now: float) -> Generator[None, None, dict[str, Any]]:
    """What is compared of each run that fits."""
    found = {}
    for number, entry in enumerate(entries, start=1):
        if not wanted.filter.terms or wanted.filter.fits(entry.fields(now)):
            found[entry.id] = wanted.rank(entry)
        if not number % SLICE:
            yield
    return found


def _ordered(before: Sequence[str], ranks: Mapping[str, Any], reverse: bool) -> Sequence[str]:
    """Sorted from the order that was: what is nearly sorted takes next to no time, and what is equal stays."""
    there = [key for key in before if key in ranks]
    new = ranks.keys() - set(there) if len(there) < len(ranks) else ()
    return sorted([*there, *(key for key in ranks if key in new)] if new else there, key=ranks.__getitem__,
                  reverse=reverse)  # fmt: skip


def _ticks(wanted: Filter) -> bool:
    return any(term.field in TICKING for either in wanted.terms for term in either)
