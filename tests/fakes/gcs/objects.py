"""What the pretended Cloud Storage holds: buckets with objects, their generations, and who may replace what."""

from __future__ import annotations

import base64
import hashlib
import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import google_crc32c

Words = Mapping[str, str]
SETTABLE = ("contentType", "contentEncoding", "contentLanguage", "cacheControl", "contentDisposition", "storageClass")


class Refused(Exception):
    """An answer that is not the thing asked for, in the words of the API."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason, self.message = status, reason, message


@dataclass(frozen=True)
class Held:
    """One object as it stands."""

    bucket: str
    name: str
    data: bytes
    generation: int
    metageneration: int = 1
    custom: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    components: int = 0
    at: float = 0.0

    @property
    def crc32c(self) -> str:
        return hashes(self.data)[0]

    @property
    def md5(self) -> str:
        """Composed objects have none."""
        return "" if self.components else hashes(self.data)[1]

    @property
    def etag(self) -> str:
        return base64.b64encode(f"{self.generation}/{self.metageneration}".encode()).decode()


@lru_cache(4096)
def hashes(data: bytes) -> tuple[str, str]:
    """CRC32C and MD5 as the API writes them."""
    crc = google_crc32c.value(data).to_bytes(4, "big")
    return base64.b64encode(crc).decode(), base64.b64encode(hashlib.md5(data).digest()).decode()


class Holdings:
    """All buckets; only the server's own thread changes them."""

    def __init__(self) -> None:
        self.buckets: dict[str, dict[str, Held]] = {}
        self.every_s = 0.0  # between two writes of one object, else the later one is refused; Google's is a second
        self._order: dict[str, list[str]] = {}
        self._numbers = itertools.count(1_700_000_000_000_000, 7)

    def bucket(self, name: str) -> dict[str, Held]:
        """The objects of a bucket by name."""
        if name not in self.buckets:
            raise Refused(404, "notFound", "The specified bucket does not exist.")
        return self.buckets[name]

    def make(self, name: str) -> None:
        """A new bucket."""
        if name in self.buckets:
            raise Refused(409, "conflict", "Your previous request to create the named bucket succeeded.")
        self.buckets[name] = {}

    def unmake(self, name: str) -> None:
        """Remove an empty bucket."""
        if self.bucket(name):
            raise Refused(409, "conflict", "The bucket you tried to delete is not empty.")
        del self.buckets[name]

    def names(self, bucket: str) -> list[str]:
        """The names in a bucket in the order of a listing: by their bytes."""
        objects = self.bucket(bucket)
        if bucket not in self._order:
            self._order[bucket] = sorted(objects, key=str.encode)
        return self._order[bucket]

    def get(self, bucket: str, name: str, conditions: Words) -> Held:
        """An object that is asked for under conditions."""
        held = self.bucket(bucket).get(name)
        wanted = conditions.get("generation")
        if held is None or (wanted and int(wanted) != held.generation):
            raise Refused(404, "notFound", f"No such object: {bucket}/{name}")
        self._match(held, conditions, unchanged=304)
        return held

    def may_write(self, bucket: str, name: str, conditions: Words) -> Held | None:
        """What a write would replace."""
        held = self.bucket(bucket).get(name)
        if held is not None and self.every_s and time.time() - held.at < self.every_s:
            raise Refused(429, "rateLimitExceeded", f"The object {bucket}/{name} is written too often.")
        self._match(held, conditions, unchanged=412)
        return held

    def _match(self, held: Held | None, conditions: Words, unchanged: int) -> None:
        now = {
            "Generation": held.generation if held else 0,
            "Metageneration": held.metageneration if held else -1,
        }
        for what, is_now in now.items():
            wanted, unwanted = conditions.get(f"if{what}Match"), conditions.get(f"if{what}NotMatch")
            if wanted is not None and int(wanted) != is_now:
                raise Refused(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
            if unwanted is not None and int(unwanted) == is_now:
                raise Refused(unchanged, "conditionNotMet", "At least one of the pre-conditions did not hold.")

    def put(self, bucket: str, name: str, data: bytes, about: Mapping[str, Any], conditions: Words) -> Held:
        """Write a whole object; refused where its hashes are not those that the writer tells."""
        self._sound(name, data, about)
        before = self.may_write(bucket, name, conditions)
        held = Held(
            bucket,
            name,
            data,
            next(self._numbers),
            custom=dict(about.get("metadata") or {}),
            settings={key: str(about[key]) for key in SETTABLE if about.get(key)},
            components=int(about.get("components", 0)),
            at=time.time(),
        )
        self.buckets[bucket][name] = held
        if before is None:
            self._order.pop(bucket, None)
        return held

    def _sound(self, name: str, data: bytes, about: Mapping[str, Any]) -> None:
        if not name or len(name.encode()) > 1024 or set(name) & {"\r", "\n"} or name in (".", ".."):
            raise Refused(400, "invalid", f"The specified object name {name!r} is not valid.")
        crc, md5 = hashes(data)
        for key, real in (("crc32c", crc), ("md5Hash", md5)):
            if about.get(key) and about[key] != real:
                raise Refused(400, "invalid", f"Provided {key} {about[key]!r} doesn't match calculated {real!r}.")

    def patch(self, bucket: str, name: str, about: Mapping[str, Any], conditions: Words) -> Held:
        """Change what is said of an object; null removes a key."""
        held = self.get(bucket, name, conditions)
        custom = {**held.custom, **(about.get("metadata") or {})} if about.get("metadata", {}) is not None else {}
        settings = {**held.settings, **{key: about[key] for key in SETTABLE if key in about}}
        changed = replace(
            held,
            metageneration=held.metageneration + 1,
            custom={key: value for key, value in custom.items() if value is not None},
            settings={key: value for key, value in settings.items() if value is not None},
        )
        self.buckets[bucket][name] = changed
        return changed

    def delete(self, bucket: str, name: str, conditions: Words) -> None:
        """Remove an object."""
        self.get(bucket, name, conditions)
        del self.buckets[bucket][name]
        self._order.pop(bucket, None)
