"""Tables with separators (CSV, TSV): an index of where rows begin; only the rows that are asked for are parsed."""

from __future__ import annotations

import io
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.errors import DataError
from engine.look.rows import Row, even, parsed, runs_of

FIRST = 1 << 17  # bytes that hold what a screen shows
CHUNK = 1 << 21
LONGEST = 1 << 26  # bytes of a line; what is longer is no table
QUOTE = b'"'


class SeparatedRows:
    """A file of rows with separators; its first row names the columns."""

    def __init__(self, path: Path) -> None:
        self.delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
        self._file = path.open("rb")
        self._file.seek(3 * (self._file.read(3) == b"\xef\xbb\xbf"))  # a mark that some programs write before the text
        self._starts = array("Q", [self._file.tell()])
        self._inside = False  # whether the end of what was read lies between quotes
        self._at = self._file.tell()
        self.complete = False
        while len(self._starts) < 2 and not self.complete:
            self.more()
        self.columns = self._header(path)

    def _header(self, path: Path) -> tuple[str, ...]:
        if not self.rows_with_header:
            raise DataError(f"{path.name}: an empty table")
        return tuple(next(iter(self._parse(0, 1)), ()))

    @property
    def rows_with_header(self) -> int:
        return len(self._starts) - 1

    @property
    def count(self) -> int:
        return max(0, self.rows_with_header - 1)

    def more(self) -> None:
        self._file.seek(self._at)
        data = self._file.read(CHUNK if len(self._starts) > 1 else FIRST)
        while b"\n" not in data and len(data) < LONGEST and (rest := self._file.read(CHUNK)):
            data += rest  # a line is looked at as a whole
        if not data:
            self._end()
            return
        self._index(data[: data.rfind(b"\n") + 1 or len(data)])

    def _index(self, data: bytes) -> None:
        starts, at, inside, separator = self._starts, self._at, self._inside, self.delimiter.encode()
        for line in io.BytesIO(data):
            at += len(line)
            if inside or QUOTE in line:
                inside = _open_after(line, inside, separator)
            if inside or not line.endswith(b"\n"):
                continue
            if line in (b"\n", b"\r\n") and at - len(line) == starts[-1]:
                starts[-1] = at  # a blank line is no row
            else:
                starts.append(at)
        self._at, self._inside = at, inside

    def _end(self) -> None:
        self.complete = True
        if self._at > self._starts[-1]:  # a last row without an end of line
            self._starts.append(self._at)

    def read(self, numbers: Sequence[int]) -> list[Row]:
        width = len(self.columns)
        found: list[Row] = []
        for first, behind in runs_of(numbers):
            rows = [even(row, width, self.delimiter) for row in self._parse(first + 1, behind + 1)]
            found += rows + [[""] * width] * (behind - first - len(rows))
        return found

    def every(self) -> Iterator[Row]:
        width = len(self.columns)
        for first in range(1, self.rows_with_header, 5000):
            for row in self._parse(first, min(first + 5000, self.rows_with_header)):
                yield even(row, width, self.delimiter)

    def column(self, number: int) -> Iterator[str]:
        return (row[number] for row in self.every())

    def _parse(self, first: int, behind: int) -> Iterator[Row]:
        self._file.seek(self._starts[first])
        data = self._file.read(self._starts[behind] - self._starts[first])
        text = data.replace(b"\r\n", b"\n").replace(b"\r", b" ").replace(b"\0", b"").decode("utf-8", "replace")
        return (row for row in parsed(io.StringIO(text, newline="\n"), self.delimiter) if row)


def _open_after(line: bytes, inside: bool, separator: bytes) -> bool:
    """Whether a line ends between quotes, if it began there or not.

    As the csv module has it: a quote opens where a field begins, and doubled it stands for itself.
    """
    at = 0
    if not inside and line.startswith(QUOTE):
        inside, at = True, 1
    while True:
        if inside:
            at = line.find(QUOTE, at)
            if at < 0:
                return True
            doubled = line[at + 1 : at + 2] == QUOTE
            inside, at = doubled, at + 1 + doubled
        else:
            at = line.find(separator + QUOTE, at)
            if at < 0:
                return False
            inside, at = True, at + 2
