"""What a folder and a bucket had in common when they were last brought together; it tells who has changed since."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from vmops.errors import Unavailable

FOLDER = ".footplate"


@dataclass(frozen=True)
class Common:
    """One file as it was on both sides."""

    size_bytes: int
    changed_ns: int
    generation: int


class Memory:
    """A line of JSON for each file, appended once it is the same on both sides; the last line of a name counts."""

    def __init__(self, folder: Path, url: str) -> None:
        self.path = folder / FOLDER / f"sync-{hashlib.sha256(url.encode()).hexdigest()[:16]}.jsonl"
        self.known: dict[str, Common] = {}
        self._url = url
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Memory:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise Unavailable(
                f"{self.path.parent.parent}: another sync with {self._url} is under way", hint="wait for it"
            ) from None
        self.known = dict(self._lines())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file:
            self._file.close()

    def keep(self, name: str, common: Common | None) -> None:
        """Remember a file, or with None that it is gone."""
        assert self._file
        values = [common.size_bytes, common.changed_ns, common.generation] if common else []
        self._file.write(json.dumps([name, *values]).encode() + b"\n")
        self._file.flush()

    def _lines(self) -> Iterator[tuple[str, Common]]:
        assert self._file
        self._file.seek(0)
        data = self._file.read()
        if data and not data.endswith(b"\n"):  # a killed writer's half line would swallow the next one
            self._file.write(b"\n")
        found: dict[str, Common] = {}
        for line in data.split(b"\n"):
            try:
                name, *values = json.loads(line)
            except ValueError:
                continue
            if len(values) == 3:
                found[str(name)] = Common(*(int(value) for value in values))
            else:
                found.pop(str(name), None)
        yield from found.items()
