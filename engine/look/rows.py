"""What a table in a file is, whatever its format: columns, and rows by their number."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

Row = Sequence[str]


class Rows(Protocol):
    """A table that is read in parts: `count` rows are known of, and `complete` says that these are all."""

    columns: tuple[str, ...]
    complete: bool

    @property
    def count(self) -> int:
        """Rows that are known of."""

    def more(self) -> None:
        """Find some more rows, in a few hundredths of a second."""

    def read(self, numbers: Sequence[int]) -> list[Row]:
        """These rows."""

    def every(self) -> Iterator[Row]:
        """All rows that are known of, in their order."""

    def column(self, number: int) -> Iterator[str]:
        """The cells of a column of all these rows."""


def even(row: Row, width: int, delimiter: str = ",") -> Row:
    """The row with just so many cells; what is too much stands in the last one, so that nobody overlooks it."""
    if len(row) > width:
        return [*row[: width - 1], delimiter.join(row[width - 1 :])]
    return row if len(row) == width else [*row, *("",) * (width - len(row))]


def field(column: str) -> str:
    """The name by which a filter asks for a column: in lower case, a low line for each space."""
    return "_".join(column.lower().split())


def runs_of(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Numbers as ranges of those that follow upon each other: first, and the one behind the last."""
    start = before = None
    for number in numbers:
        if before is None or number != before + 1:
            if start is not None and before is not None:
                yield start, before + 1
            start = number
        before = number
    if start is not None and before is not None:
        yield start, before + 1


def parsed(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """Rows of a text with separators."""
    csv.field_size_limit(1 << 24)
    return csv.reader(lines, delimiter=delimiter)
