"""Rows by key: whatever is inserted or deleted around them, cursor and marks stay on their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain


@dataclass
class Rows:
    """The keys of a table's rows, where its cursor is, and which of them are marked."""

    keys: Sequence[str] = ()
    cursor: int = 0
    marks: set[str] = field(default_factory=set)
    places: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key under the cursor; empty where there is no row."""
        return self.keys[self.cursor] if self.keys else ""

    @property
    def chosen(self) -> list[str]:
        """What an action acts on: the marked rows in their order, else the one under the cursor."""
        marked = sorted(self.marks, key=self.places.__getitem__)
        return marked or ([self.key] if self.key else [])

    def replace(self, keys: Sequence[str]) -> int:
        """Take other rows; by how many places the cursor has moved with its row."""
        places = {key: place for place, key in enumerate(keys)}
        target = self._target(places)
        moved = target - self.cursor
        self.keys, self.places, self.cursor = keys, places, target
        self.marks &= places.keys()
        return moved

    def _target(self, places: dict[str, int]) -> int:
        """Where the cursor belongs: on its key, else on the nearest row that is still there."""
        if self.key in places:
            return places[self.key]
        later = range(self.cursor + 1, len(self.keys))
        earlier = range(self.cursor - 1, -1, -1)
        near = (self.keys[place] for place in chain(later, earlier))
        return next((places[key] for key in near if key in places), 0)

    def toggle(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self.key:
            self.marks ^= {self.key}
