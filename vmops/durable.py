"""Small files of JSON that are whole and on the disk, and locks between processes."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from vmops.errors import Denied, DiskFull, OutsideError, Unavailable

LOOK_S = 0.1


def write(path: Path, value: Any) -> None:
    """Put a file in place, so that a reader and a power cut see the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8") as file:
            json.dump(value, file, indent=1, ensure_ascii=False, allow_nan=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def trouble(error: OSError, path: Path | str = "", so: str = "") -> OutsideError:
    """What a disk of this computer refuses, in words; `so` says what follows from it."""
    words = f"{error.filename or path}: {error.strerror or error}{so}"
    if isinstance(error, PermissionError):
        return Denied(words, hint="see to the rights of that file or folder")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(words, hint="make room on that disk of this computer")
    return Unavailable(words, hint="see to that disk of this computer")


def read(path: Path) -> dict[str, Any]:
    """The object in a file; an empty one where there is no file, or none that can be read."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


@contextmanager
def locked(path: Path, waits: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold a lock between processes, which the kernel frees when its holder is killed.

    Args:
        waits: told once, where somebody else holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o666)
    try:
        _take(file, waits)
        yield
    finally:
        os.close(file)


def _take(file: int, waits: Callable[[], None]) -> None:
    told = False
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                waits()
            told = True
            time.sleep(LOOK_S)
