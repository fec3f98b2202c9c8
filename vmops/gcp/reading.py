"""Reading thousands of objects with obstore, whose threads know no interpreter's lock; every hash is checked.

Google's own client is slowed by more threads; this one is not, so that a line with 40 ms of latency can be filled.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import google_crc32c
import obstore
from google.auth.transport.requests import Request
from obstore import exceptions as refusals
from obstore.store import GCSStore

from vmops.bucket import Entry, Got
from vmops.errors import Conflict, Denied, NoCredentials, NotFound, OutsideError, Unavailable
from vmops.files import Moved, beside, explained, put_in_place, unheard
from vmops.logins import LOG_IN
from vmops.parallel import in_order_of_arrival

TRIES = 4  # of bytes that came, but not as they were written
PIECE = 1 << 20
T = TypeVar("T")


@dataclass(frozen=True)
class Wanted:
    """An object by its whole name in the bucket, what it is called for people, and what the listing told."""

    full: str
    called: str
    entry: Entry


class Damaged(Exception):
    """What came is not what was written."""


class Reader:
    """Reads objects of one bucket, each at the generation that was listed."""

    def __init__(self, bucket: str, endpoint: str, credentials: Any, slowly: Callable[[Wanted], bytes]) -> None:
        """Without credentials nothing is signed; `slowly` reads what obstore cannot name, such as `a//b`."""
        self._bucket, self._endpoint, self._credentials, self._slowly = bucket, endpoint, credentials, slowly

    def read_many(self, wanted: Iterable[Wanted], in_flight: int) -> Iterator[Got]:
        """Bytes of objects, as they arrive."""
        return in_order_of_arrival(self._got, wanted, in_flight)

    def pull_many(self, wanted: Iterable[tuple[Wanted, Path]], in_flight: int) -> Iterator[Got]:
        """Objects in files, as they are done."""
        return in_order_of_arrival(lambda one: self._pulled(*one), wanted, in_flight)

    def pull(self, one: Wanted, path: Path, moved: Moved = unheard) -> None:
        """Read an object into a file; `moved` hears of each piece."""
        with explained(str(path)):
            path.parent.mkdir(parents=True, exist_ok=True)
            part = beside(path, str(one.entry.generation))
            self._soundly(one, lambda: self._fill(part, one, moved))
            put_in_place(part, path)

    def _got(self, one: Wanted) -> Got:
        try:
            return Got(one.entry, self._soundly(one, lambda: self._bytes(one)))
        except OutsideError as error:
            return Got(one.entry, error=error)

    def _pulled(self, one: Wanted, path: Path) -> Got:
        try:
            self.pull(one, path)
        except OutsideError as error:
            return Got(one.entry, error=error, path=path)
        return Got(one.entry, path=path)

    def _soundly(self, one: Wanted, do: Callable[[], T]) -> T:
        """What `do` returns, tried again where damaged bytes came."""
        for _ in range(TRIES):
            try:
                return do()
            except Damaged:
                continue
            except (refusals.BaseError, FileNotFoundError, PermissionError) as error:
                raise _said(one, error) from error
        raise Unavailable(
            f"{one.called}: {TRIES} times bytes came that are not those that were written", hint="see to the network"
        )

    def _bytes(self, one: Wanted) -> bytes:
        if not _keeps(one.full):
            return self._slowly(one)
        data = bytes(obstore.get(self._store, one.full, options=_options(one)).bytes())
        _check(one, google_crc32c.value(data).to_bytes(4, "big"), len(data))
        return data

    def _fill(self, part: Path, one: Wanted, moved: Moved) -> None:
        """Bring a part to its full size; removed where it turns out to be damaged."""
        if not _keeps(one.full):
            part.write_bytes(self._slowly(one))
            return
        total, have = _begun(part, one.entry.size_bytes)
        if have < one.entry.size_bytes or not have:
            answer = obstore.get(self._store, one.full, options=_options(one, have))
            with part.open("ab") as file:
                for piece in answer.stream(PIECE):
                    file.write(piece)
                    total.update(bytes(piece))
                    have += len(piece)
                    moved(have)
        try:
            _check(one, total.digest(), have)
        except Damaged:
            part.unlink(missing_ok=True)
            raise

    @cached_property
    def _store(self) -> GCSStore:
        plain = self._endpoint.startswith("http://")
        config: Any = {"base_url": self._endpoint} if self._endpoint else {}
        options: Any = {"connect_timeout": "10s", "read_timeout": "60s", "timeout": "24h", "allow_http": plain}
        retry: Any = {"max_retries": 8, "retry_timeout": timedelta(seconds=90)}
        how: Any = {"client_options": options, "retry_config": retry}
        if self._credentials is None:
            config["skip_signature"] = True
            return GCSStore(self._bucket, config=config, **how)
        return GCSStore(self._bucket, config=config, credential_provider=self._token, **how)

    def _token(self) -> Any:
        """What shows who we are, and until when it is good."""
        if not self._credentials.valid:
            self._credentials.refresh(Request())
        expiry = self._credentials.expiry  # Google tells it without a zone
        return {"token": self._credentials.token, "expires_at": expiry and expiry.replace(tzinfo=UTC)}


def _options(one: Wanted, offset: int = 0) -> Any:
    version = {"version": str(one.entry.generation)} if one.entry.generation else {}
    return {**version, "range": {"offset": offset}} if offset else version


def _keeps(name: str) -> bool:
    """Whether obstore asks for this name and no other; it takes names for paths, and tidies these."""
    return not any(part in ("", ".", "..") for part in name.split("/"))


def _begun(part: Path, size: int) -> tuple[Any, int]:
    """The hash so far and the size of what an earlier attempt has left."""
    total, have = google_crc32c.Checksum(), 0
    if part.exists() and part.stat().st_size > size:
        part.unlink()
    if part.exists():
        with part.open("rb") as file:
            while piece := file.read(PIECE):
                total.update(piece)
                have += len(piece)
    return total, have


def _check(one: Wanted, digest: bytes, size: int) -> None:
    if size != one.entry.size_bytes or (one.entry.crc32c and base64.b64encode(digest).decode() != one.entry.crc32c):
        raise Damaged(one.called)


def _said(one: Wanted, error: Exception) -> OutsideError:
    if isinstance(error, (refusals.NotFoundError, FileNotFoundError)):
        if one.entry.generation:
            return Conflict(f"{one.called}: changed or removed since it was listed", hint="list it again")
        return NotFound(f"{one.called}: not there")
    if isinstance(error, refusals.UnauthenticatedError):
        return NoCredentials(f"{one.called}: not logged in", hint=LOG_IN)
    if isinstance(error, (refusals.PermissionDeniedError, PermissionError)):
        return Denied(f"{one.called}: not allowed", hint="its owner has to give you the role Storage Object Viewer")
    words = str(error).split("\n")[0].partition(" - ")[2] or str(error).split("\n")[0]
    return Unavailable(f"{one.called}: {words[:200]}", hint="see to the network, and try again")
