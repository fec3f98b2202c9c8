"""Tables in Parquet files, a group of rows at a time."""

from __future__ import annotations

import importlib
import math
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

from engine.errors import DataError
from engine.look.records import words
from engine.look.rows import Row

KEPT = 4  # groups of rows that are kept in memory
PART = 4096


class ParquetRows:
    """A Parquet file; how many rows it has is written in it."""

    complete = True

    def __init__(self, path: Path) -> None:
        try:
            parquet = importlib.import_module("pyarrow.parquet")
        except ImportError:
            raise DataError(f"{path.name}: a look into Parquet files needs pyarrow, which is not installed here",
                            hint="pip install 'footplate[engine]'") from None  # fmt: skip
        try:
            self._file = parquet.ParquetFile(path)
        except (OSError, ValueError) as error:
            raise DataError(f"{path.name}: not a Parquet file that can be read: {error}") from None
        self.columns: tuple[str, ...] = tuple(self._file.schema_arrow.names)
        groups = range(self._file.num_row_groups)
        self._starts: list[int] = [0, *accumulate(self._file.metadata.row_group(group).num_rows for group in groups)]
        self._groups: OrderedDict[int, Any] = OrderedDict()

    @property
    def count(self) -> int:
        return self._starts[-1]

    def more(self) -> None:
        """All is known from the start."""

    def read(self, numbers: Sequence[int]) -> list[Row]:
        found: list[Row] = []
        for number in numbers:
            group = bisect_right(self._starts, number) - 1
            part = self._group(group).slice(number - self._starts[group], 1)
            found.append([words(_plain(column[0].as_py())) for column in part.columns])
        return found

    def every(self) -> Iterator[Row]:
        for group in range(len(self._starts) - 1):
            table = self._group(group)
            for first in range(0, table.num_rows, PART):
                columns = [_texts(column) for column in table.slice(first, PART).columns]
                yield from zip(*columns, strict=True)

    def column(self, number: int) -> Iterator[str]:
        name = self.columns[number]
        alone = self.columns.count(name) == 1
        for group in range(len(self._starts) - 1):
            table = self._file.read_row_group(group, [name]) if alone else self._group(group)
            yield from _texts(table.column(0 if alone and table.num_columns == 1 else number))

    def _group(self, group: int) -> Any:
        if group not in self._groups:
            self._groups[group] = self._file.read_row_group(group)
            if len(self._groups) > KEPT:
                self._groups.popitem(last=False)
        return self._groups[group]


def _texts(column: Any) -> Sequence[str]:
    """Cells as texts; numbers by way of numpy, which makes no object of pyarrow's of each."""
    kind, whole = str(column.type), not column.null_count
    if whole and kind in ("int64", "int32", "double"):
        values = column.to_numpy()
        if (abs(values) < math.inf).all():
            return list(map(repr, values.tolist()))  # as words has them
    return [words(_plain(value)) for value in column.to_pylist()]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
