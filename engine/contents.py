"""What files hold, by hash: told from a cache as long as a file's size and time stay as they were."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from engine.errors import DataError

T = TypeVar("T")
PORTION = 500  # SQLite takes at least 999 values at once
READERS = 8
YOUNG_NS = 2_000_000_000  # a file that changed so lately may change again within one tick of its disk's clock
BUSY_S = 30.0
_TABLE = """CREATE TABLE IF NOT EXISTS contents (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL, fault TEXT
) STRICT, WITHOUT ROWID"""


@dataclass(frozen=True, slots=True)
class Content:
    """What is known of a file.

    Attributes:
        fault: why no picture comes out of it; empty where one does, None where nobody has tried.
    """

    size_bytes: int
    mtime_ns: int
    sha256: str
    fault: str | None = None

    def holds(self, now: os.stat_result) -> bool:
        """Whether the file is as it was."""
        return (self.size_bytes, self.mtime_ns) == (now.st_size, now.st_mtime_ns)

    @property
    def settled(self) -> bool:
        """Whether its time tells it from a later version."""
        return time.time_ns() - self.mtime_ns > YOUNG_NS


class Contents:
    """The cache: an SQLite file that several runs may share, and that may be deleted at any time."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        try:
            self._make()
        except sqlite3.OperationalError:  # busy, or a full disk
            raise
        except sqlite3.DatabaseError:  # damaged: it is only a cache
            file.unlink(missing_ok=True)
            self._make()

    def known(self, paths: Iterable[str]) -> dict[str, Content]:
        """What is known of those of these files that were seen before."""
        found: dict[str, Content] = {}
        with closing(self._open()) as database:
            for some in portions(paths, PORTION):
                marks = ",".join("?" * len(some))
                asked = f"SELECT * FROM contents WHERE path IN ({marks})"
                for path, *rest in database.execute(asked, [os.fsencode(one) for one in some]):
                    found[os.fsdecode(path)] = Content(*rest)
        return found

    def keep(self, found: Mapping[str, Content]) -> None:
        """Remember files; those that changed just now are left for the next time."""
        values = [
            (os.fsencode(path), one.size_bytes, one.mtime_ns, one.sha256, one.fault)
            for path, one in found.items()
            if one.settled
        ]
        with closing(self._open()) as database, database:
            database.executemany("INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?, ?)", values)

    def hashes(self, root: Path, names: Sequence[str], say: Callable[[int], None] = lambda _: None) -> list[str]:
        """SHA-256 of each file below a folder; `say` is told how many are done, and may raise.

        Raises:
            DataError: a file is missing or cannot be read.
        """
        found: list[str] = []
        with ThreadPoolExecutor(READERS) as readers:
            for some in portions(names, PORTION):
                paths = [str(root / name) for name in some]
                known = self.known(paths)
                now = list(readers.map(_content, paths, map(known.get, paths)))
                self.keep({path: one for path, one in zip(paths, now, strict=True) if one is not known.get(path)})
                found += [one.sha256 for one in now]
                say(len(found))
        return found

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, timeout=BUSY_S)

    def _make(self) -> None:
        with closing(self._open()) as database, database:
            database.execute(_TABLE)


def _content(path: str, known: Content | None) -> Content:
    try:
        now = os.stat(path)  # noqa: PTH116 (twice as quick, of half a million)
        return known if known and known.holds(now) else content(Path(path).read_bytes(), now)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", hint="data_root and the manifest name it") from None


def content(data: bytes, now: os.stat_result, fault: str | None = None) -> Content:
    """What is known of a file whose bytes were just read."""
    return Content(now.st_size, now.st_mtime_ns, hashlib.sha256(data).hexdigest(), fault)


def portions(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` values, in order."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
