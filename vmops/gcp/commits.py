"""Exact commits of objects, with google-cloud-storage.

The answer to a write may be lost after it has happened, and the library then tries again by itself. So every write is
conditional, and bears a token in its metadata: whoever is refused at a second try and finds the own token has won.
"""

from __future__ import annotations

import base64
import uuid
from pathlib import Path
from typing import IO, Any

import google_crc32c
from google.api_core import exceptions as answers
from google.cloud.storage.exceptions import DataCorruption

from vmops.gcp.refusals import Tries

WRITER = "footplate-writer"
CHUNK = 16 << 20  # what a broken upload repeats at most
UPLOAD_S = 90.0  # for each piece of a file, tries included
TIMEOUT_S = (10, 60)  # to connect; between two bytes
READS = 4  # of bytes that are not those that were written


def put(blob: Any, file: IO[bytes], size: int, if_generation: int) -> None:
    """Write a whole object in the place of a generation; PreconditionFailed where that is not there any more."""
    token, tries = uuid.uuid4().hex, Tries(UPLOAD_S if size > CHUNK else 0.0)
    patience: Any = {"retry": tries.retry, "timeout": TIMEOUT_S}
    blob.metadata = {WRITER: token}
    blob.chunk_size = CHUNK
    try:
        blob.upload_from_file(file, size=size, if_generation_match=if_generation, checksum="crc32c", **patience)
    except answers.PreconditionFailed:
        if not tries.again or not _wrote(blob, token):
            raise


def _wrote(blob: Any, token: str) -> bool:
    """Whether what is there now was written with a token; `blob` then tells of it."""
    try:
        look(blob)
    except answers.NotFound:
        return False
    return bool((blob.metadata or {}).get(WRITER) == token)


def delete(blob: Any, if_generation: int) -> None:
    """Remove an object of a generation."""
    tries = Tries()
    try:
        blob.delete(if_generation_match=if_generation, retry=tries.retry, timeout=TIMEOUT_S)
    except answers.NotFound:
        if not tries.again:  # else an earlier try was heard, and only its answer was lost
            raise


def look(blob: Any) -> None:
    """Ask what is known of an object."""
    blob.reload(retry=Tries().retry, timeout=TIMEOUT_S)


def read(blob: Any) -> bytes:
    """An object's bytes, tried again where their hash is not the one that was told."""
    for attempt in range(1, READS + 1):
        try:
            return bytes(blob.download_as_bytes(checksum="crc32c", retry=Tries().retry, timeout=TIMEOUT_S))
        except DataCorruption:
            if attempt == READS:
                raise
    raise AssertionError("the last attempt returns or raises")


def crc32c(path: Path) -> str:
    """The hash of a file, as Google writes it."""
    total = google_crc32c.Checksum()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            total.update(piece)
    return base64.b64encode(total.digest()).decode()
