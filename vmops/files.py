"""Files that are filled over some time: beside the final name first, so that what has that name is whole."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from vmops.errors import Denied, DiskFull, Refused, Unavailable

LONGEST = 255  # bytes of one name in the file systems that we know
SAY_S = 0.5
Moved = Callable[[int], object]  # hears how many bytes of a file have been brought so far


def unheard(count: int) -> None:
    """Nobody wants to know how far a file is."""


def telling(title: str, total: int, say: Callable[[str], object], every_s: float = SAY_S) -> Moved:
    """Says how far a file of so many bytes is, and not too often."""
    said_at = time.monotonic()

    def moved(count: int) -> None:
        nonlocal said_at
        if (now := time.monotonic()) - said_at >= every_s:
            said_at = now
            say(f"{title}: {size(count)} of {size(total)}, {100 * count // max(1, total)} %")

    return moved


class Heard(io.BufferedReader):
    """A file that tells how far it has been read; one that is tried again goes back."""

    def __init__(self, path: Path, moved: Moved) -> None:
        super().__init__(io.FileIO(path))
        self._moved = moved

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes, as of any file."""
        data = super().read(size)
        self._moved(self.tell())
        return data


def beside(path: Path, version: str) -> Path:
    """Where a version of a file is gathered; the same place after a kill, so that it can go on."""
    return path.with_name(f".{_short(path.name)}-{_short(version)}.part")


def put_in_place(part: Path, path: Path) -> None:
    """Give a gathered file its name; what other versions of it left half done goes."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(part, path)
    for left in path.parent.glob(f".{_short(path.name)}-*.part"):
        left.unlink(missing_ok=True)


def _short(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:16]


def size(count: float) -> str:
    """Bytes in the largest binary unit that is at least one: 812 B, 4.2 KiB, 89.9 MiB."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def why_no_file(name: str) -> str:
    """Why the name of an object cannot be that of a file below a folder; empty where it can."""
    parts = name.split("/")
    if name.endswith("/"):
        return "it ends in a slash, as folders are marked"
    if name.startswith("/"):
        return "it begins with a slash"
    if ".." in parts or "." in parts:
        return "it would lead out of the folder"
    if "" in parts:
        return "it has two slashes in a row"
    if any(part.startswith(".") for part in parts):
        return "it would be a hidden file"
    if "\0" in name or any(len(os.fsencode(part)) > LONGEST for part in parts):
        return "it is too long for a file" if "\0" not in name else "it has a zero byte"
    return ""


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Errors of the disk in our words."""
    try:
        yield
    except OSError as error:
        words = f"{what}: {error.strerror or error}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(words, hint="make room on that disk, and try again") from None
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise Denied(words, hint="ask the owner of that folder for the right to write there") from None
        if error.errno in (errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY):
            raise Refused(words, hint="a file and a folder cannot have the same name") from None
        raise Unavailable(words, hint="see to its disk or its mount, and try again") from None
