"""The bytes of an object, whole or a range of them, with the headers that tell their hashes and generation."""

from __future__ import annotations

import base64
import re
import time

from tests.fakes.gcs.objects import Held, Refused
from tests.fakes.gcs.wire import Reply, Request

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def media(held: Held, ask: Request) -> Reply:
    """An answer with an object's bytes."""
    headers, size = about(held), len(held.data)
    span = _span(ask.headers.get("range", ""), size)
    if span is None:
        return Reply(200, held.data, headers)
    start, end = span
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return Reply(206, memoryview(held.data)[start:end], headers)


def about(held: Held) -> dict[str, str]:
    """What headers tell of an object."""
    hashes = f"crc32c={held.crc32c}" + (f",md5={held.md5}" if held.md5 else "")
    tag = base64.b64decode(held.md5).hex() if held.md5 else held.etag
    return {
        "Content-Type": held.settings.get("contentType", "application/octet-stream"),
        "ETag": f'"{tag}"',
        "Last-Modified": time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(held.at)),
        "X-Goog-Generation": str(held.generation),
        "X-Goog-Metageneration": str(held.metageneration),
        "X-Goog-Hash": hashes,
        "X-Goog-Storage-Class": "STANDARD",
        "X-Goog-Stored-Content-Length": str(len(held.data)),
        "X-Goog-Stored-Content-Encoding": "identity",
        **{f"X-Goog-Meta-{key}": value for key, value in held.custom.items()},
    }


def _span(told: str, size: int) -> tuple[int, int] | None:
    """From which byte to before which; None for all of them."""
    found = RANGE.fullmatch(told)
    if not found or found[1] == found[2] == "":
        return None
    if found[1] == "":
        return max(0, size - int(found[2])), size
    start, end = int(found[1]), min(int(found[2]) + 1 if found[2] else size, size)
    if start >= size or start >= end:
        raise Refused(416, "requestedRangeNotSatisfiable", "Request range not satisfiable")
    return start, end
