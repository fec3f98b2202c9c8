"""A bucket at Google: one object at a time in `commits`, thousands at once in `reading`."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

from vmops.bucket import AT_ONCE, PAGE, Entry, Got, Page
from vmops.errors import Conflict, NotFound, Refused
from vmops.files import Heard, Moved, unheard
from vmops.gcp import commits
from vmops.gcp.reading import Reader, Wanted
from vmops.gcp.refusals import Tries, explained
from vmops.gcp.storagelogin import login
from vmops.storage import ABSENT, Object

TURNS = 30  # of writers who write whatever is there, when others do so as well
FIELDS = "items(name,size,generation,crc32c,md5Hash,updated,contentType),prefixes,nextPageToken"
T = TypeVar("T")


class GoogleStore:
    """A bucket, or the part of it below a prefix; names are told without the prefix."""

    def __init__(self, name: str, prefix: str = "", endpoint: str = "") -> None:
        self.url, self._prefix = f"gs://{name}/{prefix}".rstrip("/"), prefix
        known = login(self.url, endpoint)
        self.simulated = known.simulated
        self._client = known.client
        self._bucket = known.client.bucket(name)
        self._reader = Reader(name, known.endpoint, known.credentials, self._read_as_named)

    # --- a Store -------------------------------------------------------------------------------------------------

    def list(self, prefix: str = "") -> list[str]:
        """The names of objects that begin with a prefix, sorted."""
        return [entry.name for entry in self.entries(prefix)]

    def read(self, name: str) -> Object:
        """A whole object, its hash checked."""
        blob = self._blob(name)
        with explained(self._called(name)):
            return Object(commits.read(blob), int(blob.generation))

    def write(self, name: str, data: bytes, *, if_generation: int | None = None) -> int:
        """Write a whole object; its new generation."""
        return self._write(name, lambda: io.BytesIO(data), len(data), if_generation).generation

    def delete(self, name: str, *, if_generation: int | None = None) -> None:
        """Remove an object."""
        if if_generation is None:
            return self._in_turn(name, lambda now: self._delete(name, now), absent=False)
        return self._delete(name, if_generation)

    # --- and more ------------------------------------------------------------------------------------------------

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """All objects whose names begin with a prefix, sorted, page after page."""
        with explained(self.url):
            for blob in self._listing(prefix, page_size=PAGE):
                yield self._entry(blob)

    def page(self, prefix: str = "", after: str = "", limit: int = PAGE) -> Page:
        """What lies directly below a prefix."""
        with explained(self.url):
            found = self._listing(prefix, delimiter="/", page_token=after or None, page_size=limit)
            blobs = next(found.pages, ())
            entries = [self._entry(blob) for blob in blobs]
            folders = sorted(folder[len(self._prefix) :] for folder in found.prefixes)
            return Page(folders, entries, found.next_page_token or "")

    def stat(self, name: str) -> Entry:
        """What is known of an object."""
        blob = self._blob(name)
        with explained(self._called(name)):
            commits.look(blob)
        return self._entry(blob)

    def head(self, name: str, size_bytes: int, start: int = 0) -> bytes:
        """The first bytes of an object, or some from another place on."""
        try:
            with explained(self._called(name)):
                patience: Any = {"retry": Tries().retry, "timeout": commits.TIMEOUT_S}
                return bytes(self._blob(name).download_as_bytes(
                    start=start, end=start + size_bytes - 1, checksum=None, **patience
                ))  # fmt: skip
        except Refused:
            if self.stat(name).size_bytes <= start:  # no range lies in an empty object, or behind its end
                return b""
            raise

    def push(self, path: Path, name: str, *, if_generation: int | None = None, moved: Moved = unheard) -> Entry:
        """Write an object from a file, in pieces; each is tried again by itself."""
        return self._write(name, lambda: Heard(path, moved), path.stat().st_size, if_generation)

    def pull(self, entry: Entry, path: Path, moved: Moved = unheard) -> None:
        """Read an object into a file; goes on where a killed one stood."""
        self._reader.pull(self._in_full(entry), path, moved)

    def same(self, entry: Entry, path: Path) -> bool:
        """Whether a file holds the bytes of an object."""
        return path.stat().st_size == entry.size_bytes and commits.crc32c(path) == entry.crc32c

    def read_many(self, entries: Iterable[Entry], in_flight: int = AT_ONCE) -> Iterator[Got]:
        """Objects in the order in which they arrive."""
        return self._reader.read_many((self._in_full(entry) for entry in entries), in_flight)

    def pull_many(self, wanted: Iterable[tuple[Entry, Path]], in_flight: int = AT_ONCE) -> Iterator[Got]:
        """Objects into files, in the order in which they are done."""
        return self._reader.pull_many(((self._in_full(entry), path) for entry, path in wanted), in_flight)

    # --- how -----------------------------------------------------------------------------------------------------

    def _write(self, name: str, source: Callable[[], IO[bytes]], size: int, if_generation: int | None) -> Entry:
        def put(now: int) -> Entry:
            with source() as file:
                return self._put(name, file, size, now)

        return self._in_turn(name, put) if if_generation is None else put(if_generation)

    def _put(self, name: str, file: IO[bytes], size: int, if_generation: int) -> Entry:
        blob = self._blob(name)
        with explained(self._called(name)):
            commits.put(blob, file, size, if_generation)
        return self._entry(blob)

    def _delete(self, name: str, if_generation: int) -> None:
        with explained(self._called(name)):
            commits.delete(self._blob(name), if_generation)

    def _in_turn(self, name: str, do: Callable[[int], T], absent: bool = True) -> T:
        """Do what must know the present generation, again while others are quicker."""
        for _ in range(TURNS):
            try:
                now = self.stat(name).generation
            except NotFound:
                if not absent:
                    raise
                now = ABSENT
            try:
                return do(now)
            except Conflict:
                continue
        raise Conflict(f"{self._called(name)}: others write to it all the time", hint="try again later")

    def _listing(self, prefix: str, **how: Any) -> Any:
        patience: Any = {"retry": Tries().retry, "timeout": commits.TIMEOUT_S}
        return self._client.list_blobs(self._bucket, prefix=self._prefix + prefix, fields=FIELDS, **patience, **how)

    def _blob(self, name: str) -> Any:
        full = self._prefix + name
        if not name or len(full.encode()) > 1024 or set(full) & {"\n", "\r"} or full in (".", ".."):
            raise Refused(f"{name!r} cannot be the name of an object", hint="up to 1,024 bytes, in one line")
        return self._bucket.blob(full)

    def _called(self, name: str) -> str:
        return f"{self.url}/{name}"

    def _entry(self, blob: Any) -> Entry:
        return Entry(
            blob.name[len(self._prefix) :],
            int(blob.size or 0),
            int(blob.generation or 0),
            blob.crc32c or "",
            blob.md5_hash or "",
            blob.updated.timestamp() if blob.updated else 0.0,
            blob.content_type or "",
        )

    def _read_as_named(self, one: Wanted) -> bytes:
        blob = self._bucket.blob(one.full, generation=one.entry.generation or None)
        with explained(one.called):
            return commits.read(blob)

    def _in_full(self, entry: Entry) -> Wanted:
        return Wanted(self._prefix + entry.name, self._called(entry.name), entry)
