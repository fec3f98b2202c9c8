"""The tables that jobs hand each other: CSV with a header, read with checks, written whole."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import DataError
from engine.files import replacing


def read(path: Path, required: Iterable[str] = ()) -> list[dict[str, str]]:
    """All rows of a CSV file, each a dict of texts.

    Raises:
        DataError: the file is missing, is not text, lacks a required column, or a row has too many or too few cells.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _rows(path, csv.reader(file, strict=True), required)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", hint="name an existing CSV file") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: not a CSV file in UTF-8: {error}") from None


def _rows(path: Path, lines: Iterable[list[str]], required: Iterable[str]) -> list[dict[str, str]]:
    rows = iter(lines)
    header = next(rows, None)
    if header is None:
        raise DataError(f"{path}: empty, expected a header line", hint="the first line names the columns")
    for column in required:
        if column not in header:
            raise DataError(f"{path}: no column {column!r}", hint=f"its columns are: {', '.join(header)}")
    return [dict(zip(header, _cells(path, header, n, row), strict=True)) for n, row in enumerate(rows, 2) if row]


def _cells(path: Path, header: list[str], line: int, row: list[str]) -> list[str]:
    if len(row) != len(header):
        raise DataError(f"{path}, line {line}: {len(row)} cells, but the header names {len(header)} columns")
    return row


@dataclass
class Writer:
    """Rows into a table that is not there before it is whole."""

    columns: Sequence[str]
    _csv: Any

    def write(self, *values: object) -> None:
        """One row; the values stand in the order of the columns."""
        if len(values) != len(self.columns):
            raise ValueError(f"{len(values)} values for {len(self.columns)} columns")
        self._csv.writerow(values)


@contextmanager
def writer(path: Path, columns: Sequence[str]) -> Iterator[Writer]:
    """Write a table; it appears under its name when the block ends well."""
    with replacing(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        yield Writer(columns, table)
        file.flush()
