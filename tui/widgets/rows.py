"""Where the cursor and the marks of a table are, by the keys of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Rows:
    """The keys of a table's rows, where its cursor is, and which of them are marked."""

    keys: Sequence[str] = ()
    cursor: int = 0
    marks: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)  # marks of rows that are not shown: they come back with their rows
    anchor: str = ""  # the row that was marked last, from which a range begins
    _places: dict[str, int] | None = None  # made when somebody asks: over 100,000 rows it takes its time

    @property
    def key(self) -> str:
        """The key under the cursor; empty where there is no row."""
        return self.keys[self.cursor] if self.keys else ""

    @property
    def places(self) -> Mapping[str, int]:
        """Where each row is."""
        if self._places is None:
            self._places = {key: place for place, key in enumerate(self.keys)}
        return self._places

    @property
    def chosen(self) -> list[str]:
        """What an action acts on: the marked rows in their order, else the one under the cursor."""
        marked = sorted(self.marks, key=self.places.__getitem__) if self.marks else []
        return marked or ([self.key] if self.key else [])

    def replace(self, keys: Sequence[str]) -> int:
        """Take other rows; by how many places the cursor has moved with its row."""
        before, key, cursor = self.keys, self.key, self.cursor
        self.keys, self._places = keys, None
        if not (key and cursor < len(keys) and keys[cursor] == key):
            self.cursor = self._target(before, cursor)
        if marked := self.marks | self.hidden:
            self.marks = marked & self.places.keys()
            self.hidden = marked - self.marks
        return self.cursor - cursor

    def _target(self, before: Sequence[str], cursor: int) -> int:
        """Where the cursor belongs: on its key, else on the nearest row that is still there."""
        near = (before[place] for place in _from(cursor, len(before)))
        return next((self.places[key] for key in near if key in self.places), 0)

    # --- marks ---------------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self.key:
            self.marks ^= {self.key}
            self.anchor = self.key

    def mark_range(self) -> None:
        """Mark all rows from the one that was marked last to the cursor."""
        start = self.places.get(self.anchor, self.cursor)
        low, high = sorted((start, self.cursor))
        self.mark(self.keys[low : high + 1])
        self.anchor = self.key

    def mark_all(self) -> None:
        """Mark all rows; where all are marked, none, also of those that are not shown."""
        if len(self.marks) == len(self.keys):
            self.marks, self.hidden = set(), set()
        else:
            self.marks = set(self.keys)

    def mark(self, keys: Iterable[str]) -> None:
        """Mark these; those that are not shown as soon as they are."""
        marked = set(keys)
        self.marks |= self.places.keys() & marked
        self.hidden |= marked - self.marks


def _from(start: int, count: int) -> Iterator[int]:
    """All places, the nearest to the start first; of two that are as near, the later one."""
    for distance in range(max(start, count - 1 - start) + 1):
        if start + distance < count:
            yield start + distance
        if distance and start - distance >= 0:
            yield start - distance
