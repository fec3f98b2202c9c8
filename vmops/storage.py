"""Objects in a bucket, and a folder that behaves as one: whole objects, each with a generation."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vmops import generations
from vmops.errors import Conflict, Denied, NotFound, Refused, Unavailable
from vmops.generations import ABSENT as ABSENT

PATIENCE_S = 20.0  # so long a lock is waited for; a holder needs milliseconds


@dataclass(frozen=True)
class Object:
    """What was read; `generation` rises with each write of the object and is never used twice."""

    data: bytes
    generation: int


class NoName(Refused, ValueError):
    """No object in a folder can have such a name."""


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

    Generations stand beside, in `.generations/`; a file that was changed by an editor or a copy is of another one. It
    is raised before its object is replaced: who is killed between the two leaves the old object under a new generation,
    so that others read it once more, and nothing is lost.

    The folder itself is never made: where it is missing, as a share that is not mounted, there is no bucket rather than
    an empty one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list(self, prefix: str = "") -> list[str]:
        """The names of objects that begin with a prefix, sorted."""
        if {"..", "."} & {*prefix.split("/")} or prefix.startswith("/"):
            raise NoName(
                f"{prefix!r} leads out of {self.folder}", hint="names in a bucket have no .. and no / at first"
            )
        with self._locked(fcntl.LOCK_SH):
            files = (path for path in self.folder.rglob("*") if path.is_file())
            names = (path.relative_to(self.folder).as_posix() for path in files)
            return sorted(name for name in names if name.startswith(prefix) and not f"/{name}".count("/."))

    def read(self, name: str) -> Object:
        """A whole object; NotFound where there is none."""
        with self._locked(fcntl.LOCK_SH):
            generation = self._generation(name)  # first: what an editor writes meanwhile is of a later one
            try:
                return Object(self._path(name).read_bytes(), generation)
            except FileNotFoundError:
                raise NotFound(f"{self.folder}: no object {name!r}") from None

    def write(self, name: str, data: bytes, *, if_generation: int | None = None) -> int:
        """Write a whole object, durably; its new generation."""
        with self._locked(fcntl.LOCK_EX):
            self._expect(name, if_generation)
            part = generations.gathered(self._path(name), data)
            number = self._raise(name, part)
            generations.put(part, self._path(name))
            return number

    def delete(self, name: str, *, if_generation: int | None = None) -> None:
        """Remove an object; its generations go on from there, should it be written again."""
        with self._locked(fcntl.LOCK_EX):
            if not self._path(name).exists():
                raise NotFound(f"{self.folder}: no object {name!r}")
            self._expect(name, if_generation)
            self._raise(name, None)
            self._path(name).unlink()

    def _expect(self, name: str, generation: int | None) -> None:
        now = self._generation(name)
        if generation is not None and generation != now:
            raise Conflict(f"{self.folder}: {name!r} is of generation {now}, not {generation}", hint="read it again")

    def _raise(self, name: str, part: Path | None) -> int:
        return generations.raised(self._path(name), self._counter(name), part)

    def _generation(self, name: str) -> int:
        return generations.current(self._path(name), self._counter(name))

    def _counter(self, name: str) -> Path:
        return self.folder / generations.FOLDER / self._path(name).relative_to(self.folder)

    def _path(self, name: str) -> Path:
        parts = name.split("/")
        if any(not part or part.startswith(".") or "\0" in part for part in parts):
            raise NoName(f"{name!r} cannot be the name of an object", hint="of its parts none is empty or hidden")
        return self.folder.joinpath(*parts)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        with _explained(self.folder):
            if not self.folder.is_dir():
                raise Unavailable(
                    f"{self.folder}: no such folder",
                    hint="mount it, or make it: a folder that is missing may be a share that is not mounted",
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
