"""A bucket at Google: exact commits with google-cloud-storage; reading thousands of objects is in `reading`.

The answer to a write may be lost after it has happened, and the library then tries again by itself. So every write is
conditional, and bears a token in its metadata: whoever is refused at a second try and finds the own token has won.
"""

from __future__ import annotations

import base64
import io
import ipaddress
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import urlparse

import google.auth
import google.cloud.storage as storage
import google_crc32c
from google.api_core import exceptions as answers
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError
from google.cloud.storage.exceptions import DataCorruption
from requests.adapters import HTTPAdapter

from vmops.bucket import AT_ONCE, PAGE, Entry, Got, Page
from vmops.errors import Conflict, NoCredentials, NotFound, Refused
from vmops.gcp import reading
from vmops.gcp.refusals import LOGIN, Tries, explained
from vmops.storage import ABSENT, Object

WRITER = "footplate-writer"
CHUNK = 16 << 20  # what a broken upload repeats at most
UPLOAD_S = 90.0  # for each piece of a file, tries included
TIMEOUT_S = (10, 60)  # to connect; between two bytes
TURNS = 30  # of writers who write whatever is there, when others do so as well
FIELDS = "items(name,size,generation,crc32c,md5Hash,updated,contentType),prefixes,nextPageToken"
SCOPES = ("https://www.googleapis.com/auth/devstorage.read_write",)
T = TypeVar("T")


class GoogleStore:
    """A bucket, or the part of it below a prefix; names are told without the prefix."""

    def __init__(self, name: str, prefix: str = "", endpoint: str = "") -> None:
        self.url, self._prefix = f"gs://{name}/{prefix}".rstrip("/"), prefix
        endpoint = endpoint or os.environ.get("STORAGE_EMULATOR_HOST", "")
        self.endpoint = endpoint if not endpoint or "://" in endpoint else f"http://{endpoint}"
        self.simulated = _is_here(self.endpoint)
        credentials, project = (AnonymousCredentials(), "simulated") if self.simulated else _login(self.url)
        self._client = storage.Client(
            project=project or "none",
            credentials=credentials,
            client_options={"api_endpoint": self.endpoint} if self.endpoint else None,
        )
        for scheme in ("http://", "https://"):
            self._client._http.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=AT_ONCE))
        self._bucket = self._client.bucket(name)
        self._reader = reading.Reader(name, self.endpoint, None if self.simulated else credentials, self._read_as_named)

    # --- a Store -------------------------------------------------------------------------------------------------

    def list(self, prefix: str = "") -> list[str]:
        """The names of objects that begin with a prefix, sorted."""
        return [entry.name for entry in self.entries(prefix)]

    def read(self, name: str) -> Object:
        """A whole object, its hash checked."""
        blob = self._blob(name)
        with explained(self._called(name)):
            return Object(_soundly(blob), int(blob.generation))

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
        return self._entry(self._known(name))

    def head(self, name: str, size_bytes: int) -> bytes:
        """The first bytes of an object."""
        try:
            with explained(self._called(name)):
                found = self._blob(name).download_as_bytes(
                    end=size_bytes - 1, checksum=None, retry=Tries().retry, timeout=TIMEOUT_S
                )
        except Refused:
            if self.stat(name).size_bytes == 0:  # no range lies in an empty object
                return b""
            raise
        return bytes(found)

    def push(self, path: Path, name: str, *, if_generation: int | None = None) -> Entry:
        """Write an object from a file, in pieces; each is tried again by itself."""
        return self._write(name, lambda: path.open("rb"), path.stat().st_size, if_generation)

    def pull(self, entry: Entry, path: Path) -> None:
        """Read an object into a file; goes on where a killed one stood."""
        self._reader.pull(self._in_full(entry), path)

    def same(self, entry: Entry, path: Path) -> bool:
        """Whether a file holds the bytes of an object."""
        return path.stat().st_size == entry.size_bytes and crc32c(path) == entry.crc32c

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
        blob, token, tries = self._blob(name), uuid.uuid4().hex, Tries(UPLOAD_S if size > CHUNK else 0.0)
        patience: Any = {"retry": tries.retry, "timeout": TIMEOUT_S}
        blob.metadata = {WRITER: token}
        blob.chunk_size = CHUNK
        with explained(self._called(name)):
            try:
                blob.upload_from_file(file, size=size, if_generation_match=if_generation, checksum="crc32c", **patience)
            except answers.PreconditionFailed:
                found = self._known(name) if tries.again else None
                if found is None or (found.metadata or {}).get(WRITER) != token:
                    raise
                blob = found
        return self._entry(blob)

    def _delete(self, name: str, if_generation: int) -> None:
        tries = Tries()
        with explained(self._called(name)):
            try:
                self._blob(name).delete(if_generation_match=if_generation, retry=tries.retry, timeout=TIMEOUT_S)
            except answers.NotFound:
                if not tries.again:  # else an earlier try was heard, and only its answer was lost
                    raise

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
        full = self._prefix + prefix
        return self._client.list_blobs(
            self._bucket, prefix=full, fields=FIELDS, retry=Tries().retry, timeout=TIMEOUT_S, **how
        )

    def _known(self, name: str) -> Any:
        blob = self._blob(name)
        with explained(self._called(name)):
            blob.reload(retry=Tries().retry, timeout=TIMEOUT_S)
        return blob

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

    def _read_as_named(self, one: reading.Wanted) -> bytes:
        blob = self._bucket.blob(one.full, generation=one.entry.generation or None)
        with explained(one.called):
            return _soundly(blob)

    def _in_full(self, entry: Entry) -> reading.Wanted:
        return reading.Wanted(self._prefix + entry.name, self._called(entry.name), entry)


def _soundly(blob: Any) -> bytes:
    """An object's bytes, tried again where their hash is not the one that was told."""
    for attempt in range(1, reading.TRIES + 1):
        try:
            return bytes(blob.download_as_bytes(checksum="crc32c", retry=Tries().retry, timeout=TIMEOUT_S))
        except DataCorruption:
            if attempt == reading.TRIES:
                raise
    raise AssertionError("the last attempt returns or raises")


def crc32c(path: Path) -> str:
    """The hash of a file, as Google writes it."""
    total = google_crc32c.Checksum()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            total.update(piece)
    return base64.b64encode(total.digest()).decode()


def _is_here(endpoint: str) -> bool:
    host = urlparse(endpoint).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _login(url: str) -> tuple[Any, str]:
    try:
        credentials, project = google.auth.default(scopes=SCOPES)
    except DefaultCredentialsError as error:
        why = (
            f": {error}" if os.environ.get("GOOGLE_APPLICATION_CREDENTIALS") else ""
        )  # else it tells what the hint tells
        raise NoCredentials(f"{url}: nobody is logged in to Google Cloud here{why}", hint=LOGIN) from None
    return credentials, project or ""
