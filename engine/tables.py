"""The tables that jobs hand each other: CSV with a header, read with checks, written whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from engine.errors import DataError
from engine.files import replacing

if TYPE_CHECKING:
    from _csv import Reader


def read(path: Path, required: Iterable[str] = ()) -> list[dict[str, str]]:
    """All rows of a CSV file, each a dict of texts; see numbered for what is raised."""
    return [row for _, row in numbered(path, required)]


def numbered(path: Path, required: Iterable[str] = ()) -> list[tuple[int, dict[str, str]]]:
    """All rows of a CSV file, each with the line on which it ends; see streamed for what is raised."""
    return list(streamed(path, required))


def streamed(path: Path, required: Iterable[str] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file as they are read, each with the line on which it ends; a million need no memory.

    Raises:
        DataError: the file is missing, is not text, lacks a required column, or a row has too many or too few cells.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows(path, csv.reader(file, strict=True), required)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", hint="name an existing CSV file") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: not a CSV file in UTF-8: {error}") from None


def _rows(path: Path, lines: Reader, required: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    header = next(lines, None)
    if not header:
        raise DataError(f"{path}: empty, expected a header line", hint="the first line names the columns")
    if twice := sorted({column for column in header if header.count(column) > 1}):
        raise DataError(f"{path}: names a column twice: {', '.join(twice)}")
    for column in required:
        if column not in header:
            raise DataError(f"{path}: no column {column!r}", hint=f"its columns are: {', '.join(header)}")
    for row in lines:
        if row:
            yield lines.line_num, dict(zip(header, _cells(path, header, lines.line_num, row), strict=True))


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


@dataclass
class _Lines:
    """Takes rows that end in CR LF, since csv quotes a cell only for what ends its rows, and ends them in LF."""

    _file: TextIO

    def write(self, row: str) -> int:
        return self._file.write(row[:-2] + "\n")


def text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A whole table as the text of its file."""
    whole = io.StringIO()
    table = csv.writer(_Lines(whole), lineterminator="\r\n")
    table.writerow(columns)
    table.writerows(rows)
    return whole.getvalue()


@contextmanager
def writer(path: Path, columns: Sequence[str]) -> Iterator[Writer]:
    """Write a table; it appears under its name when the block ends well."""
    with replacing(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(_Lines(file), lineterminator="\r\n")
        table.writerow(columns)
        yield Writer(columns, table)
        file.flush()
