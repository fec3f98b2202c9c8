"""Where a number comes from: a file, and a key in it, such as `run:ID/ensemble_metrics.json#/by_class/happy/f1`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import tables
from engine.errors import DataError, FootplateError

ROWS = "rows"  # the key of a table's number of rows
Scalar = bool | int | float | None
Resolve = Callable[[str], Path]


@dataclass(frozen=True, order=True)
class Origin:
    """A key in a file.

    Attributes:
        file: a reference, `run:ID/NAME` or a path in the workspace.
        key: a JSON pointer (RFC 6901); in a CSV file `/rows`, or `/NUMBER/COLUMN` with rows counted from 0.
    """

    file: str
    key: str

    def __str__(self) -> str:
        return f"{self.file}#{self.key}"


def parse(text: str) -> Origin:
    """The origin that a text names; DataError where it names none."""
    file, sign, key = text.partition("#")
    if not (file and sign and key.startswith("/")):
        raise DataError(f"{text!r} is no origin", hint="run:ID/FILE.json#/key, FILE.csv#/rows")
    return Origin(file, key)


def pointer(*parts: object) -> str:
    """The JSON pointer of a place."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


class Reader:
    """Reads numbers out of files, each file once."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._files: dict[str, Any] = {}

    def value(self, origin: Origin) -> Scalar:
        """What stands there now; None where the file tells that nothing was measured.

        Raises:
            DataError: the file or the key is not there, or what is there is no number.
        """
        found = self.whole(origin.file)
        for part in origin.key[1:].split("/"):
            found = _inner(found, part.replace("~1", "/").replace("~0", "~"), origin)
        if found is not None and not isinstance(found, bool | int | float):
            raise DataError(f"{origin}: is no number")
        return None if isinstance(found, float) and not math.isfinite(found) else found

    def whole(self, file: str) -> Any:
        """All of a file; a table as its rows."""
        if file not in self._files:
            try:
                path = self._resolve(file)
            except FootplateError as error:
                raise DataError(f"{file}: {error.message}", hint=error.hint) from None
            self._files[file] = Table(tables.read(path)) if path.suffix == ".csv" else _json(path)
        return self._files[file]


class Table(list[dict[str, str]]):
    """Rows of a CSV file."""


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: cannot be read as JSON: {error}") from None


def _inner(value: Any, part: str, origin: Origin) -> Any:
    if isinstance(value, Table) and part == ROWS:
        return len(value)
    if isinstance(value, dict) and part in value:
        found = value[part]
        return _number(found) if isinstance(found, str) else found
    if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
        return value[int(part)]
    raise DataError(f"{origin}: has no {part!r}")


def _number(text: str) -> Any:
    """A cell of a table as a number, where it is one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text or None
