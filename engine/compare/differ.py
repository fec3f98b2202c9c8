"""In which keys runs differ: specs, code, environments; and what stands for a value that is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ABSENT = "–"


@dataclass(frozen=True)
class Row:
    """One key on all sides; `differs` says for each whether it is not what the reference has."""

    key: str
    values: tuple[str, ...]

    @property
    def differs(self) -> tuple[bool, ...]:
        return tuple(value != self.values[0] for value in self.values)


def rows(sides: Sequence[Mapping[str, str]], *, everything: bool = False) -> list[Row]:
    """The keys that are not the same on all sides, in the order in which they first occur."""
    keys = dict.fromkeys(key for side in sides for key in side)
    found = (Row(key, tuple(side.get(key) or ABSENT for side in sides)) for key in keys)
    return [row for row in found if everything or any(row.differs)]


def same(sides: Sequence[Mapping[str, str]]) -> int:
    """How many keys are the same on all sides."""
    keys = {key for side in sides for key in side}
    return sum(len({side.get(key) for side in sides}) == 1 for key in keys)
