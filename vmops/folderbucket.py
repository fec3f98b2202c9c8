"""A folder with all that a bucket can do, for labs that share a disk, and for trying things without a cloud."""

from __future__ import annotations

import fcntl
import filecmp
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from vmops import generations
from vmops.bucket import AT_ONCE, PAGE, Entry, Got, Page
from vmops.errors import NotFound, OutsideError
from vmops.files import Moved, beside, explained, put_in_place, unheard
from vmops.parallel import in_order_of_arrival
from vmops.storage import LocalStore

PIECE = 4 << 20


class FolderBucket(LocalStore):
    """A bucket in a folder; hashes are not known, files are compared byte by byte."""

    simulated = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.url = str(folder)
        self._swept: set[Path] = set()  # folders in which we have looked for what killed writers left

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """All objects whose names begin with a prefix, sorted."""
        for name in self.list(prefix):
            try:
                yield self.stat(name)
            except NotFound:  # removed since
                continue

    def page(self, prefix: str = "", after: str = "", limit: int = PAGE) -> Page:
        """What lies directly below a prefix."""
        below = sorted({_first(name, prefix) for name in self.list(prefix)})
        rest = [name for name in below if name > after]
        shown = rest[:limit]
        entries = [self.stat(name) for name in shown if not name.endswith("/")]
        folders = [name for name in shown if name.endswith("/")]
        return Page(folders, entries, shown[-1] if len(rest) > limit else "")

    def stat(self, name: str) -> Entry:
        """What is known of an object."""
        path = self._path(name)
        with explained(str(path)):
            if not path.is_file():
                raise NotFound(f"{self.folder}: no object {name!r}")
            generation, found = self._generation(name), path.stat()
            return Entry(name, found.st_size, generation, updated_at=found.st_mtime)

    def head(self, name: str, size_bytes: int, start: int = 0) -> bytes:
        """The first bytes of an object, or some from another place on."""
        self.stat(name)
        with explained(self.url), self._path(name).open("rb") as file:
            file.seek(start)
            return file.read(size_bytes)

    def push(self, path: Path, name: str, *, if_generation: int | None = None, moved: Moved = unheard) -> Entry:
        """Write an object from a file; copied beside first, so that others wait for a renaming only."""
        target = self._path(name)
        if not self.folder.is_dir():
            self.list()  # says why
        with explained(str(path)):
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._gathered(target) as part:
                _copy(path, part, moved)
                with self._locked(fcntl.LOCK_EX):
                    self._expect(name, if_generation)
                    place = Path(part.name)
                    found, number = place.stat(), self._raise(name, place)
                    put_in_place(place, target)
        # What we wrote, and not what is there by now: it may be another's already.
        return Entry(name, found.st_size, number, updated_at=found.st_mtime)

    @contextmanager
    def _gathered(self, target: Path) -> Iterator[BinaryIO]:
        """A file beside a target, locked while somebody fills it; what nobody fills any more is removed."""
        with self._locked(fcntl.LOCK_EX):  # so that nobody finds it between its making and its locking
            if target.parent not in self._swept:
                self._swept.add(target.parent)
                _sweep(target.parent)
            part = target.with_name(f".{secrets.token_hex(8)}.part").open("xb")
            fcntl.flock(part, fcntl.LOCK_EX)
        try:
            with part:
                yield part
        finally:
            Path(part.name).unlink(missing_ok=True)

    def pull(self, entry: Entry, path: Path, moved: Moved = unheard) -> None:
        """Read an object into a file."""
        with explained(str(path)):
            path.parent.mkdir(parents=True, exist_ok=True)
            part = beside(path, str(entry.generation))
            with part.open("wb") as file:
                _copy(self._there(entry), file, moved)
            put_in_place(part, path)

    def same(self, entry: Entry, path: Path) -> bool:
        """Whether a file holds the bytes of an object."""
        with explained(str(path)):
            return filecmp.cmp(self._there(entry), path, shallow=False)

    def read_many(self, entries: Iterable[Entry], in_flight: int = AT_ONCE) -> Iterator[Got]:
        """Objects in the order in which they arrive."""
        return in_order_of_arrival(self._got, entries, in_flight)

    def pull_many(self, wanted: Iterable[tuple[Entry, Path]], in_flight: int = AT_ONCE) -> Iterator[Got]:
        """Objects into files, in the order in which they are done."""
        return in_order_of_arrival(lambda one: self._pulled(*one), wanted, in_flight)

    def _there(self, entry: Entry) -> Path:
        self.stat(entry.name)
        return self._path(entry.name)

    def _got(self, entry: Entry) -> Got:
        try:
            return Got(entry, self.read(entry.name).data)
        except OutsideError as error:
            return Got(entry, error=error)

    def _pulled(self, entry: Entry, path: Path) -> Got:
        try:
            self.pull(entry, path)
        except OutsideError as error:
            return Got(entry, error=error, path=path)
        return Got(entry, path=path)


def _copy(path: Path, target: BinaryIO, moved: Moved) -> None:
    """All bytes of a file into another one."""
    with path.open("rb") as source:
        while piece := source.read(PIECE):
            target.write(piece)
            moved(target.tell())
    target.flush()


def _sweep(folder: Path) -> None:
    """Remove what writers that were killed have left; who lives holds the lock of what he fills."""
    for path in folder.glob(f".{'[0-9a-f]' * 16}.part"):
        with suppress(OSError), path.open("rb") as part:  # somebody fills it, or it is another user's
            fcntl.flock(part, fcntl.LOCK_SH | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)


def divided(path: Path, known: Path | None = None, *, below: bool = False) -> tuple[Path, str]:
    """The folder that is the bucket of a path, and what of the path is a name or prefix there.

    That is the known bucket, or the nearest folder in which generations are counted. Where there is none it is the path
    itself if that is a folder, else the folder that it is in.

    Args:
        below: a prefix is meant and no object, so that a folder which is missing is told as such.
    """
    path, known = _absolute(path), known and _absolute(known)
    above = (one for one in (path, *path.parents) if one == known or (one / generations.FOLDER).is_dir())
    found = next(above, path if below or path.is_dir() else path.parent)
    name = "/".join(path.relative_to(found).parts)
    return found, f"{name}/" if name and (below or path.is_dir()) else name


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 (a link stays one)


def _first(name: str, prefix: str) -> str:
    """A name, or the folder directly below a prefix in which it lies."""
    cut = name.find("/", len(prefix))
    return name if cut < 0 else name[: cut + 1]
