"""Tables with an object of JSON a line."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from engine.errors import DataError
from engine.look.rows import Row, runs_of

CHUNK = 1 << 22
SAMPLE = 500  # lines from which the columns are known


class RecordRows:
    """A file of objects, each on a line of its own; the columns are the keys of its first rows."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._starts = array("Q", [0])
        self._at = 0
        self.complete = False
        self.columns: tuple[str, ...] = ()
        while len(self._starts) <= SAMPLE and not self.complete:
            self.more()
        first = list(self._objects(0, min(SAMPLE, self.count)))
        self.columns = tuple(dict.fromkeys(key for found in first for key in found))
        if not self.columns:
            raise DataError(f"{path.name}: no objects of JSON, a line each")

    @property
    def count(self) -> int:
        return len(self._starts) - 1

    def more(self) -> None:
        self._file.seek(self._at)
        data = self._file.read(CHUNK)
        for line in data.split(b"\n")[:-1]:
            self._at += len(line) + 1
            self._starts.append(self._at)
        if len(data) < CHUNK:
            self.complete = True
            if rest := len(data) - data.rfind(b"\n") - 1:
                self._starts.append(self._at + rest)

    def read(self, numbers: Sequence[int]) -> list[Row]:
        return [self._row(found) for first, behind in runs_of(numbers) for found in self._objects(first, behind)]

    def every(self) -> Iterator[Row]:
        for first in range(0, self.count, 5000):
            for found in self._objects(first, min(first + 5000, self.count)):
                yield self._row(found)

    def column(self, number: int) -> Iterator[str]:
        return (row[number] for row in self.every())

    def _row(self, found: dict[str, Any]) -> Row:
        return [words(found.get(key)) for key in self.columns]

    def _objects(self, first: int, behind: int) -> Iterator[dict[str, Any]]:
        self._file.seek(self._starts[first])
        data = self._file.read(self._starts[behind] - self._starts[first])
        for line in data.split(b"\n")[: behind - first]:
            yield _object(line)


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}  # half-written, or damaged: a row of nothing keeps the numbers of the others
    return found if isinstance(found, dict) else {"": found}


def words(value: Any) -> str:
    """A value as it stands in a cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
