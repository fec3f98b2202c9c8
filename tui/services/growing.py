"""Numbers in order that grow in one thread while another one reads them."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import overload


class Growing(Sequence[int]):
    """The first ones are kept; the last few may be others each time."""

    def __init__(self) -> None:
        self.kept = array("I")
        self._shape: tuple[int, list[int]] = (0, [])

    def end_with(self, last: Iterable[int]) -> None:
        """What is kept now is seen by others, and these behind it."""
        self._shape = len(self.kept), list(last)

    @property
    def settled(self) -> int:
        """How many are kept."""
        return self._shape[0]

    def __len__(self) -> int:
        return self._shape[0] + len(self._shape[1])

    def place(self, number: int) -> int:
        """Where a number is, or would be."""
        count, last = self._shape
        found = bisect_left(self.kept, number, 0, count)
        return found if found < count else count + bisect_left(last, number)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> list[int]: ...
    def __getitem__(self, place: int | slice) -> int | list[int]:
        count, last = self._shape
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(count + len(last)))]
        place += (count + len(last)) * (place < 0)
        return self.kept[place] if 0 <= place < count else last[place - count]
