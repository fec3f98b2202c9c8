"""Rows by key: whatever is inserted, deleted or changed around them, cursor and marks stay on their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from tui.widgets.tones import Cell


@dataclass(frozen=True)
class Row:
    """A row: what stays the same when it moves, and what it shows."""

    key: str
    cells: tuple[Cell, ...]


@dataclass
class Rows:
    """The rows of a table, where its cursor is, and which of them are marked."""

    shown: Sequence[Row] = ()
    cursor: int = 0
    marks: set[str] = field(default_factory=set)
    places: dict[str, int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key under the cursor; empty where there is no row."""
        return self.shown[self.cursor].key if self.shown else ""

    @property
    def chosen(self) -> list[str]:
        """What an action acts on: the marked rows in their order, else the one under the cursor."""
        marked = [row.key for row in self.shown if row.key in self.marks]
        return marked or ([self.key] if self.key else [])

    def replace(self, rows: Sequence[Row]) -> int:
        """Take other rows; by how many places the cursor has moved with its row."""
        places = {row.key: place for place, row in enumerate(rows)}
        target = self._target(places)
        moved = target - self.cursor
        self.shown, self.places, self.cursor = rows, places, target
        self.marks &= places.keys()
        return moved

    def _target(self, places: dict[str, int]) -> int:
        """Where the cursor belongs: on its key, else on the nearest row that is still there."""
        if self.key in places:
            return places[self.key]
        later = range(self.cursor + 1, len(self.shown))
        earlier = range(self.cursor - 1, -1, -1)
        keys = (self.shown[place].key for place in chain(later, earlier))
        return next((places[key] for key in keys if key in places), 0)

    def toggle(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self.key:
            self.marks ^= {self.key}

    def differing(self, before: Sequence[Row], start: int, stop: int) -> list[int]:
        """The places in view that do not show what they showed before."""
        return [
            place for place in range(start, stop)
            if (before[place] if place < len(before) else None)
            != (self.shown[place] if place < len(self.shown) else None)
        ]  # fmt: skip
