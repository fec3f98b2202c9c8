"""Buckets by their address: `gs://NAME/prefix` at Google, `file:///folder` or a folder here; both behave alike.

Google's library is loaded when a bucket of theirs is opened, so that only a process that speaks with it pays for it.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

from vmops.errors import OutsideError, Refused
from vmops.files import Moved, unheard
from vmops.storage import Store

AT_ONCE = 64  # objects that are read side by side
PAGE = 1000
_ADDRESS = re.compile(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:/(.*))?", re.ASCII | re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """An object as a listing tells it; hashes as the cloud writes them, empty where nobody knows them."""

    name: str
    size_bytes: int
    generation: int
    crc32c: str = ""
    md5: str = ""
    updated_at: float = 0.0
    content_type: str = ""


@dataclass(frozen=True)
class Page:
    """Part of one level of a bucket; `after` asks for the next part, and is empty at the end."""

    folders: list[str]
    entries: list[Entry]
    after: str = ""


@dataclass(frozen=True)
class Got:
    """What became of one object of many: its bytes, where they were wanted, or why there are none."""

    entry: Entry
    data: bytes | None = field(default=None, repr=False)
    error: OutsideError | None = None
    path: Path | None = None


class Bucket(Store, Protocol):
    """A store with listings, files and many objects at once; errors as those of a Store."""

    url: str
    simulated: bool

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """All objects whose names begin with a prefix, sorted, page after page."""
        ...

    def page(self, prefix: str = "", after: str = "", limit: int = PAGE) -> Page:
        """What lies directly below a prefix: objects, and folders (prefixes that end in a slash)."""
        ...

    def stat(self, name: str) -> Entry:
        """What is known of an object; NotFound where there is none."""
        ...

    def head(self, name: str, size_bytes: int, start: int = 0) -> bytes:
        """The first bytes of an object, or some from another place on."""
        ...

    def push(self, path: Path, name: str, *, if_generation: int | None = None, moved: Moved = unheard) -> Entry:
        """Write an object from a file, in pieces; conditions as with `write`, `moved` hears of each piece."""
        ...

    def pull(self, entry: Entry, path: Path, moved: Moved = unheard) -> None:
        """Read an object into a file, which is whole or not there; goes on where a killed one stood."""
        ...

    def same(self, entry: Entry, path: Path) -> bool:
        """Whether a file holds the bytes of an object."""
        ...

    def read_many(self, entries: Iterable[Entry], in_flight: int = AT_ONCE) -> Iterator[Got]:
        """Objects in the order in which they arrive; never more than `in_flight` of them in memory."""
        ...

    def pull_many(self, wanted: Iterable[tuple[Entry, Path]], in_flight: int = AT_ONCE) -> Iterator[Got]:
        """Objects into files, in the order in which they are done."""
        ...


def open(url: str, root: Path | None = None, endpoint: str = "") -> Bucket:  # noqa: A001 (one says bucket.open)
    """The bucket of an address; a folder may be relative to `root`.

    Raises:
        Refused: it is no address of a bucket.
    """
    if not url.startswith("gs://"):
        return _folder(url, root)
    found = _ADDRESS.fullmatch(url)
    if not found or not (found[2] or "").isprintable():
        raise Refused(
            f"{url!r} is no address of a bucket",
            hint="gs://NAME or gs://NAME/prefix; a name has small letters, digits, -, _ and .",
        )
    prefix = (found[2] or "").strip("/")
    google = importlib.import_module("vmops.gcp.storage")
    made: Bucket = google.GoogleStore(found[1], f"{prefix}/" if prefix else "", endpoint)
    return made


def folder(url: str, root: Path | None = None) -> Path:
    """The folder of an address that is none of the cloud's; Refused where it is no address at all."""
    if re.match(r"[a-z0-9]+://", url) and not url.startswith("file:///"):
        raise Refused(f"{url!r} is no address of a bucket", hint="gs://NAME, file:///FOLDER, or a folder")
    path = Path(unquote(url.removeprefix("file://")) if url.startswith("file://") else url)
    with suppress(RuntimeError):  # a ~name that nobody has is a folder of that name
        path = path.expanduser()
    return (root or Path()) / path


def _folder(url: str, root: Path | None) -> Bucket:
    from vmops.folderbucket import FolderBucket

    return FolderBucket(folder(url, root))
