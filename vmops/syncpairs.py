"""What there is on both sides of a sync: files below a folder and objects below a prefix, paired by name."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vmops.bucket import Bucket, Entry
from vmops.files import why_no_file
from vmops.storage import ABSENT
from vmops.syncmemory import Common

Way = Literal["up", "down"]
Named = Callable[[str, str, bool], None]  # a name that is left out, why, and whether that is nothing to worry about


@dataclass(frozen=True)
class Pair:
    """A name on both sides, and how it was when they were the same; None where it is not."""

    name: str
    here: Common | None  # of its generation nothing is known
    there: Entry | None
    before: Common | None

    @property
    def changed(self) -> tuple[bool, bool]:
        """Whether the file here and the object there are others than when they were last the same."""
        if not self.before or not self.here or not self.there:
            return True, True
        here = (self.here.size_bytes, self.here.changed_ns) != (self.before.size_bytes, self.before.changed_ns)
        return here, self.there.generation != self.before.generation

    def size_bytes(self, way: Way) -> int:
        """How large the one is that would be copied."""
        source = self.here if way == "up" else self.there
        return source.size_bytes if source else 0

    def is_extra(self, way: Way) -> bool:
        """Whether only the target has it."""
        return (self.here if way == "up" else self.there) is None


def paired(
    folder: Path,
    bucket: Bucket,
    prefix: str,
    way: Way,
    known: dict[str, Common],
    named: Named,
    say: Callable[[str], None],
) -> list[Pair]:
    """All names of both sides; those that cannot be on the other side are told to `named`."""
    here = dict(_files(folder, named if way == "up" else _unheard))
    there = dict(_objects(bucket, prefix, named if way == "down" else _unheard, say))
    return [Pair(name, here.get(name), there.get(name), known.get(name)) for name in sorted({*here, *there})]


def _unheard(name: str, why: str, harmless: bool) -> None:
    """It stays where it is, which is what was asked."""


def _objects(bucket: Bucket, prefix: str, named: Named, say: Callable[[str], None]) -> Iterator[tuple[str, Entry]]:
    for count, entry in enumerate(bucket.entries(prefix), start=1):
        if count % 1000 == 0:
            say(f"{count:,} objects listed")
        name = entry.name[len(prefix) :]
        if not name:  # the mark of the folder itself
            continue
        if why := why_no_file(name):
            named(name, why, name.endswith("/") and entry.size_bytes == 0)
        else:
            yield name, entry


def _files(folder: Path, named: Named) -> Iterator[tuple[str, Common]]:
    """Files by name; hidden ones are nobody's to share, links are named and left out."""
    for at, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(at, name) for name in sorted(files) if not name.startswith(".")):
            name, found = path.relative_to(folder).as_posix(), path.lstat()
            if why := _why_not(name, found):
                named(os.fsencode(name).decode("utf-8", "backslashreplace"), why, False)
            else:
                yield name, Common(found.st_size, found.st_mtime_ns, ABSENT)


def looks(path: Path) -> Common | None:
    """A file as it is now; None where there is none."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return Common(found.st_size, found.st_mtime_ns, ABSENT)


def _why_not(name: str, found: os.stat_result) -> str:
    """Why a file cannot be an object; empty where it can."""
    if stat.S_ISLNK(found.st_mode):
        return "it is a link"
    if not stat.S_ISREG(found.st_mode):
        return "it is no ordinary file"
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    if size > 1024 or "\n" in name or "\r" in name:
        return "its name is too long for an object" if size > 1024 else "its name has more than one line"
    return ""
