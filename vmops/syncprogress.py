"""How far a sync is, in words and not too often: files that are done, and bytes of those that are on their way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vmops.files import SAY_S, Moved, size


class Progress:
    """Hears from many threads at once."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._done = self._count = self._copied = self._size_bytes = 0
        self._on_the_way: dict[str, int] = {}
        self._said_at = 0.0

    def begin(self, count: int) -> None:
        """So many files are to be looked at."""
        self._done, self._count, self._copied, self._size_bytes = 0, count, 0, 0

    def arrived(self, copied: int, size_bytes: int) -> None:
        """One more is done; so many of all were copied."""
        with self._lock:
            self._done, self._copied, self._size_bytes = self._done + 1, copied, size_bytes
        self._tell(last=self._done == self._count)

    @contextmanager
    def on_the_way(self, name: str) -> Iterator[Moved]:
        """While a file is copied: whom to tell how many bytes of it there are."""

        def moved(count: int) -> None:
            with self._lock:
                self._on_the_way[name] = count
            self._tell()

        try:
            yield moved
        finally:
            with self._lock:
                self._on_the_way.pop(name, None)

    def _tell(self, last: bool = False) -> None:
        with self._lock:
            if not last and time.monotonic() - self._said_at < SAY_S:
                return
            self._said_at = time.monotonic()
            coming = sum(self._on_the_way.values())
            words = f"{self._done:,} of {self._count:,} files done: {self._copied:,} copied ({size(self._size_bytes)})"
        self._say(f"{words}, {size(coming)} of the next" if coming else words)
