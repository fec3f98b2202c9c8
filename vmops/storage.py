"""Objects in a bucket, and a folder that behaves as one: whole objects, each with a generation."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vmops.errors import Conflict, Denied, NotFound, Unavailable

PATIENCE_S = 20.0  # so long a lock is waited for; a holder needs milliseconds
ABSENT = 0  # the generation of what is not there


@dataclass(frozen=True)
class Object:
    """What was read; `generation` rises with each write of the object and is never used twice."""

    data: bytes
    generation: int


class Store(Protocol):
    """A bucket, or what behaves as one.

    Every method may raise Unavailable (worth another try) or Denied (not).
    """

    def list(self, prefix: str = "") -> list[str]:
        """The names of objects that begin with a prefix, sorted."""
        ...

    def read(self, name: str) -> Object:
        """A whole object; NotFound where there is none."""
        ...

    def write(self, name: str, data: bytes, *, if_generation: int | None = None) -> int:
        """Write a whole object, durably; its new generation.

        Args:
            if_generation: that of the object to be replaced, ABSENT where there must be none; Conflict where it is
                another one now. None writes whatever is there.
        """
        ...

    def delete(self, name: str, *, if_generation: int | None = None) -> None:
        """Remove an object; NotFound where there is none, Conflict as with `write`."""
        ...


class LocalStore:
    """A bucket in a folder, for any number of processes at once; objects are plain files in it.

    Generations stand beside, in `.generations/`. One is raised before its object is replaced: who is killed between the
    two leaves the old object under a new generation, so that others read it once more, and nothing is lost.

    The folder itself is never made: where it is missing, as a share that is not mounted, there is no bucket rather than
    an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list(self, prefix: str = "") -> list[str]:
        """The names of objects that begin with a prefix, sorted."""
        with self._locked(fcntl.LOCK_SH):
            files = (path for path in self.folder.rglob("*") if path.is_file())
            names = (path.relative_to(self.folder).as_posix() for path in files)
            return sorted(name for name in names if name.startswith(prefix) and not f"/{name}".count("/."))

    def read(self, name: str) -> Object:
        """A whole object; NotFound where there is none."""
        with self._locked(fcntl.LOCK_SH):
            try:
                return Object(self._path(name).read_bytes(), self._number(name) or 1)
            except FileNotFoundError:
                raise NotFound(f"{self.folder}: no object {name!r}") from None

    def write(self, name: str, data: bytes, *, if_generation: int | None = None) -> int:
        """Write a whole object, durably; its new generation."""
        with self._locked(fcntl.LOCK_EX):
            self._expect(name, if_generation)
            number = self._raise(name)
            _replace(self._path(name), data)
            return number

    def delete(self, name: str, *, if_generation: int | None = None) -> None:
        """Remove an object; its generations go on from there, should it be written again."""
        with self._locked(fcntl.LOCK_EX):
            if not self._path(name).exists():
                raise NotFound(f"{self.folder}: no object {name!r}")
            self._expect(name, if_generation)
            self._raise(name)
            self._path(name).unlink()

    def _expect(self, name: str, generation: int | None) -> None:
        now = (self._number(name) or 1) if self._path(name).exists() else ABSENT
        if generation is not None and generation != now:
            raise Conflict(f"{self.folder}: {name!r} is of generation {now}, not {generation}", hint="read it again")

    def _raise(self, name: str) -> int:
        number = max(self._number(name), 1 if self._path(name).exists() else 0) + 1
        _replace(self._counter(name), json.dumps(number).encode())
        return number

    def _number(self, name: str) -> int:
        """The last generation; 0 where none is kept, as of a file that somebody has put there."""
        try:
            return int(self._counter(name).read_bytes())
        except FileNotFoundError:
            return 0

    def _counter(self, name: str) -> Path:
        return self.folder / ".generations" / self._path(name).relative_to(self.folder)

    def _path(self, name: str) -> Path:
        parts = name.split("/")
        if any(not part or part.startswith(".") or "\0" in part for part in parts):
            raise ValueError(f"{name!r} cannot be the name of an object")
        return self.folder.joinpath(*parts)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        with _explained(self.folder):
            if not self.folder.is_dir():
                raise Unavailable(
                    f"{self.folder}: no such folder", hint="mount it, or make it if labels are to be shared there"
                )
            lock = self._lock(how)
            try:
                yield
            finally:
                if lock is not None:
                    os.close(lock)

    def _lock(self, how: int) -> int | None:
        """The lock, until it is closed; None for a reader where nobody may write, so nobody has to be waited for."""
        try:
            file = os.open(self.folder / ".lock", os.O_CREAT | os.O_RDWR, 0o666)
        except OSError as error:
            if how == fcntl.LOCK_SH and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
                return None
            raise
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                fcntl.flock(file, how | fcntl.LOCK_NB)
                return file
            except BlockingIOError:
                if time.monotonic() > end:
                    os.close(file)
                    raise Unavailable(
                        f"{self.folder}: another process has been writing for {PATIENCE_S:.0f} s", hint="try again"
                    ) from None
                time.sleep(random.uniform(0.001, 0.01))


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where, words = error.filename or folder, error.strerror or str(error)
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise Denied(f"{where}: {words}", hint="ask its owner for the right to write there") from None
        raise Unavailable(f"{where}: {words}", hint="see to its disk or its mount, and try again") from None


def _replace(path: Path, data: bytes) -> None:
    """Write a file beside and put it in place, so that it is whole and on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")  # the lock is ours, so nobody else writes to it
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
