"""The bytes of a video onto this machine: at once for a folder here, with patience from a bucket."""

from __future__ import annotations

import hashlib
import random
import shutil
import threading
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from engine.errors import DataError
from engine.scaling.failures import Broken
from engine.scaling.listing import Item
from vmops.bucket import Bucket
from vmops.errors import Broken as Nonsense
from vmops.errors import Conflict, Denied, NotFound, Unavailable

TRIES = 6
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0


class Source(Protocol):
    """Where videos come from; used by several threads."""

    threads: int  # that fetch; 0 where there is nothing to be fetched

    def get(self, item: Item) -> Path:
        """The file of a video here; Broken where it cannot be had."""
        ...

    def let_go(self, item: Item) -> None:
        """It is not needed any more."""
        ...

    def end(self) -> None:
        """Nothing more is wanted: whoever waits may leave."""
        ...


class Here:
    """A folder of this machine."""

    threads = 0

    def get(self, item: Item) -> Path:
        """The file as it lies there."""
        assert item.path
        return item.path

    def let_go(self, item: Item) -> None:
        """It stays."""

    def end(self) -> None:
        """Nobody waits here."""


class FromBucket:
    """Objects of a bucket, each in a file as long as it is needed."""

    def __init__(
        self, bucket: Bucket, folder: Path, threads: int, tries: int = TRIES, first_wait_s: float = FIRST_WAIT_S
    ) -> None:
        """Args: folder: ours alone; what a killed process has left there goes."""
        self.threads, self.retried = threads, 0
        self._bucket, self._folder, self._tries, self._first_wait_s = bucket, folder, tries, first_wait_s
        self._ended = threading.Event()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)

    def get(self, item: Item) -> Path:
        """Fetch it, trying again for what another try may change; each wait is twice the last one, give or take."""
        assert item.entry
        path, wait = self._path(item), self._first_wait_s
        for left in range(self._tries, 0, -1):
            try:
                self._bucket.pull(item.entry, path)
                return path
            except (NotFound, Conflict):
                raise Broken("gone", "changed or removed since it was listed", item.content) from None
            except Denied as error:  # the next one would be refused as well: a person has to see to it
                raise DataError(error.message, hint=error.hint) from None
            except (Unavailable, Nonsense) as error:
                if left == 1 or self._ended.is_set():
                    raise Broken("network", f"not fetched in {self._tries} tries", item.content) from error
                self.retried += 1
                self._ended.wait(wait * random.uniform(0.5, 1.5))
                wait = min(2 * wait, LONGEST_WAIT_S)
        raise AssertionError("a try returns or raises")

    def let_go(self, item: Item) -> None:
        """Remove its file."""
        with suppress(OSError):
            self._path(item).unlink()

    def end(self) -> None:
        """Wait for no more tries."""
        self._ended.set()

    def _path(self, item: Item) -> Path:
        # Hidden, so that no checkpoint of the run takes it along.
        return self._folder / f".{hashlib.sha256(item.name.encode()).hexdigest()[:24]}"
