"""Whole files that are never half there, and their hashes."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes the place of `path` when all went well, else it is removed."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield beside
        _flush(beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def write_atomic(path: Path, data: bytes | str) -> None:
    """Write the whole of `path`, so that a reader sees the old file or the new one."""
    with replacing(path) as beside:
        beside.write_bytes(data.encode() if isinstance(data, str) else data)


def write_json(path: Path, value: Any) -> None:
    """Write readable JSON; a number that is not finite is our own mistake and raises ValueError."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomic(path, text.encode("utf-8", "backslashreplace"))  # names of files need not be UTF-8


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file, or an empty one where the file is missing or damaged."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def sweep(folder: Path, name: str = "*") -> None:
    """Remove what killed writers left beside files of a name; only for who is the one writer of these."""
    for beside in folder.rglob(f".{name}.*.part"):
        beside.unlink(missing_ok=True)


def disk_is_full(error: BaseException) -> bool:
    """Whether an error means that there is no space left, or no more of it for us."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def sha256(path: Path) -> str:
    """The hash of a file's bytes, in hex."""
    import hashlib  # loads OpenSSL, which no look at runs needs

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    # Without this a power cut after the rename may leave an empty file under the final name.
    with path.open("rb") as file:
        os.fsync(file.fileno())
