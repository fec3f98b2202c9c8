"""Generations of files in a folder that is a bucket: counted where we write, told from their looks where others do.

Beside each number stand the size and time of the file that it was given to. A file that looks otherwise was changed by
an editor or a copy. It is of another generation then, which its looks alone decide: so who may only read tells the same
one, and nothing is written by reading.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

FOLDER = ".generations"  # in that of the bucket
ABSENT = 0  # the generation of what is not there
STRANGE = 1 << 40  # so many generations a file may get that was changed by others than us


def current(file: Path, counter: Path) -> int:
    """That of a file as it is now; ABSENT where there is none."""
    number, known = _counted(counter)
    now = _looks(file)
    if now is None:
        return ABSENT
    return number if now == known else number + 1 + _mark(now)


def raised(file: Path, counter: Path, part: Path | None) -> int:
    """Count up for what is about to become the file, None where the file is about to go; the new generation."""
    number = max(current(file, counter), _counted(counter)[0]) + 1
    looks = _looks(part) if part else None
    put(gathered(counter, json.dumps([number, *(looks or ())]).encode()), counter)
    return number


def gathered(path: Path, data: bytes) -> Path:
    """Write a file beside, whole and on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")  # the lock is ours, so nobody else writes to it
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return beside


def put(beside: Path, path: Path) -> None:
    """Give a gathered file its name, and have that on the disk as well."""
    os.replace(beside, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _counted(counter: Path) -> tuple[int, list[int]]:
    """The last number, and how its file looked; 0 where only others have written."""
    try:
        told = json.loads(counter.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return 0, []
    number, *looks = told if isinstance(told, list) else [told]  # a bare number is of an older footplate
    return int(number), looks


def _looks(path: Path) -> list[int] | None:
    """By what a file is told from another that had its name; None where there is none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return [found.st_size, found.st_mtime_ns]


def _mark(looks: list[int]) -> int:
    """A number that other looks would hardly have."""
    return int.from_bytes(hashlib.sha256(json.dumps(looks).encode()).digest()[:8], "big") % STRANGE
