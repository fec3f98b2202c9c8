"""Numbers in order that grow in one thread, and are looked at in another, which says when it takes notice."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import overload

Shape = tuple[int, list[int]]  # how many of the kept ones there are, and those behind them


class Growing(Sequence[int]):
    """The first ones are kept; the last few may be others each time. As a sequence it is as at the last notice."""

    def __init__(self) -> None:
        self.kept = array("I")
        self._coming: Shape = (0, [])
        self._seen: Shape = (0, [])

    # --- in the thread in which it grows ---------------------------------------------------------------------------

    def end_with(self, last: Iterable[int]) -> None:
        """At the next notice there are those that are kept now, and these behind them."""
        self._coming = len(self.kept), list(last)

    @property
    def coming(self) -> int:
        """How many there are at the next notice."""
        return self._coming[0] + len(self._coming[1])

    def will_have(self, number: int) -> bool:
        """Whether a number is among them at the next notice."""
        count, last = self._coming
        place = bisect_left(self.kept, number, 0, count)
        return self.kept[place] == number if place < count else number in last

    # --- in the thread that looks at it ----------------------------------------------------------------------------

    def notice(self) -> None:
        """From now on it is as it has become meanwhile."""
        self._seen = self._coming

    @property
    def settled(self) -> int:
        """How many are kept."""
        return self._seen[0]

    def __len__(self) -> int:
        return self._seen[0] + len(self._seen[1])

    def place(self, number: int) -> int:
        """Where a number is, or would be."""
        count, last = self._seen
        found = bisect_left(self.kept, number, 0, count)
        return found if found < count else count + bisect_left(last, number)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> list[int]: ...
    def __getitem__(self, place: int | slice) -> int | list[int]:
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(len(self)))]
        count, last = self._seen
        place += len(self) * (place < 0)
        return self.kept[place] if 0 <= place < count else last[place - count]
