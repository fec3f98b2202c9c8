"""A table as somebody wants to see it: rows that fit a filter, in an order, and what there is to know of a column."""

from __future__ import annotations

import math
from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from engine.filter import Filter, compiled
from engine.look.rows import Row, Rows, field
from engine.words import number

T = TypeVar("T")
PART = 2048  # rows between two looks at whether the answer is still wanted
KEPT = 6  # columns that are kept in memory


class Cut(Exception):
    """Something else is wanted by now."""


@dataclass(frozen=True)
class Arrangement:
    """Which rows, and in which order: those that fit a filter, sorted by a column or as they stand in the file."""

    filter: str = ""
    column: int | None = None
    reverse: bool = False


@dataclass(frozen=True)
class Facts:
    """What there is to know of a column: of how many rows, how many say nothing, and of numbers or of words more."""

    name: str
    rows: int
    missing: int
    numbers: tuple[float, float, float] | None = None  # the least, the mean, the greatest
    different: int = 0
    common: tuple[tuple[str, int], ...] = ()

    def words(self) -> str:
        """In a line."""
        parts = [f"{self.name}: {self.rows:,} row{'s' * (self.rows != 1)}"]
        parts += [f"{self.missing:,} missing"] if self.missing else []
        if self.numbers is not None:
            least, mean, greatest = map(number, self.numbers)
            return " · ".join([*parts, f"min {least}", f"mean {mean}", f"max {greatest}"])
        told = ", ".join(f"{value} {count:,}" for value, count in self.common)
        return " · ".join([*parts, f"{self.different:,} different", *([f"most: {told}"] if told else [])])


class View:
    """Rows in the order of the file, until somebody filters or sorts them."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.fault = ""
        self._arrangement = Arrangement()
        self._order: Sequence[int] | None = None  # numbers of rows; None for all in the order of the file
        self._columns: OrderedDict[int, list[str]] = OrderedDict()

    @property
    def count(self) -> int:
        return self.rows.count if self._order is None else len(self._order)

    def page(self, first: int, count: int) -> tuple[list[int], list[Row]]:
        """So many rows from a place on, with their numbers in the file."""
        places = range(max(0, first), max(0, min(first + count, self.count)))
        numbers = list(places if self._order is None else [self._order[place] for place in places])
        return numbers, self.rows.read(numbers)

    def place_of(self, number: int) -> int:
        """Where a row of the file stands; the first place where it does not."""
        if self._order is None:
            return min(number, max(0, self.count - 1))
        return self._order.index(number) if number in self._order else 0

    def arrange(self, wanted: Arrangement, cut: Callable[[], bool]) -> None:
        """Take the rows that fit a filter, sorted by a column; Cut where that is not wanted any more."""
        if wanted == self._arrangement:
            return
        self._finish(cut)
        fits = compiled(wanted.filter, {field(name) for name in self.rows.columns})
        fitting = self._fitting(fits, cut) if fits.terms else range(self.rows.count)
        order: Sequence[int] | None = fitting if fits.terms else None
        if wanted.column is not None:
            keys = _ranks(self._column(wanted.column, cut), wanted.reverse)
            order = array("L", sorted(fitting, key=keys.__getitem__, reverse=wanted.reverse))
        self._order, self.fault, self._arrangement = order, fits.fault, wanted

    def facts(self, column: int, cut: Callable[[], bool]) -> Facts:
        """What there is to know of a column, in the rows of the view."""
        self._finish(cut)
        values = self._column(column, cut)
        return of_column(self.rows.columns[column], values if self._order is None else [values[n] for n in self._order])

    def _finish(self, cut: Callable[[], bool]) -> None:
        while not self.rows.complete:
            self.rows.more()
            _unless(cut)

    def _fitting(self, wanted: Filter, cut: Callable[[], bool]) -> Sequence[int]:
        names = [field(name) for name in self.rows.columns]
        fitting = array("L")
        for at, row in _watched(self.rows.every(), cut):
            if wanted.fits(dict(zip(names, row, strict=True))):
                fitting.append(at)
        return fitting

    def _column(self, column: int, cut: Callable[[], bool]) -> list[str]:
        if column not in self._columns:
            self._columns[column] = [cell for _, cell in _watched(self.rows.column(column), cut)]
            if len(self._columns) > KEPT:
                self._columns.popitem(last=False)
        self._columns.move_to_end(column)
        return self._columns[column]


def _watched(rows: Iterator[T], cut: Callable[[], bool]) -> Iterator[tuple[int, T]]:
    for at, row in enumerate(rows):
        if not at % PART:
            _unless(cut)
        yield at, row


def _unless(cut: Callable[[], bool]) -> None:
    if cut():
        raise Cut


def floats(values: Sequence[str]) -> list[float] | None:
    """A column of numbers, NaN where it says nothing; None where it is one of words."""
    try:
        found = [float(value) if value.strip() else math.nan for value in values]
    except ValueError:
        return None
    return None if all(map(math.isnan, found)) else found


def _ranks(values: Sequence[str], reverse: bool) -> Sequence[tuple[bool, float | str]]:
    """What is compared; what says nothing comes last in both directions."""
    found = floats(values)
    if found is None:
        return [(bool(value.strip()) is reverse, value.casefold()) for value in values]
    return [(math.isnan(value) is not reverse, 0.0 if math.isnan(value) else value) for value in found]


def of_column(name: str, values: Sequence[str]) -> Facts:
    """What there is to know of these values."""
    missing = sum(not value.strip() for value in values)
    found = floats(values)
    if found is None:
        counted = Counter(value for value in values if value.strip())
        return Facts(name, len(values), missing, None, len(counted), tuple(counted.most_common(3)))
    known = [value for value in found if not math.isnan(value)]
    return Facts(name, len(values), len(values) - len(known), (min(known), math.fsum(known) / len(known), max(known)))
