"""Saves checkpoints of a run: its files as they all stood at one moment, and of these only what has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.checkpoints import ALONE, FORMAT, MANIFEST, TREES, manifest
from engine.errors import DataError
from engine.files import sha256
from vmops.bucket import Bucket
from vmops.errors import Conflict, NotFound
from vmops.parallel import in_order_of_arrival
from vmops.storage import ABSENT

CALM_TRIES = 5  # to find no file changing while they are copied
AT_ONCE = 8
SCRATCH = ".checkpoint-"

Stamp = tuple[int, int, int]  # inode, size, time of change: another file, or the same one


@dataclass(frozen=True)
class Copy:
    """A file as it stood; `path` is a copy of it, where it has to be sent."""

    sha256: str
    size_bytes: int
    path: Path | None = None


@dataclass(frozen=True)
class Saved:
    """What a save has brought into the bucket."""

    files: int
    sent: int
    size_bytes: int


class Saver:
    """Saves one run's folder again and again; sends only what has changed."""

    def __init__(self, folder: Path, bucket: Bucket) -> None:
        self._folder, self._bucket, self._run = folder, bucket, folder.name
        for left in folder.glob(f"{SCRATCH}*"):  # by one that was killed
            shutil.rmtree(left, ignore_errors=True)
        self._hashes: dict[str, tuple[Stamp, str]] = {}
        self._there = {entry.name for entry in bucket.entries(f"{self._run}/files/")}
        self._generation = manifest(bucket, self._run)[1]
        self._saved: dict[str, dict[str, Any]] = {}

    def save(self) -> Saved | None:
        """Bring the bucket up to date; None where nothing has changed.

        Raises:
            OutsideError: it could not be; the checkpoint before is as it was.
            Conflict: another machine goes on with this run.
        """
        with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=self._folder) as scratch:
            stamps, copies = self._calmly(Path(scratch))
            files = {name: {"sha256": copy.sha256, "size": copy.size_bytes} for name, copy in copies.items()}
            if self._generation and _significant(files) == _significant(self._saved):
                return None
            sent = self._send(copies)
            self._commit(files)
        self._hashes = {name: (stamp, copies[name].sha256) for name, stamp in stamps.items()}
        return Saved(len(files), len(sent), sum(sent))

    def _calmly(self, scratch: Path) -> tuple[dict[str, Stamp], dict[str, Copy]]:
        """Every file as they all stood at one moment; copied where it is not in the bucket as it is."""
        for attempt in range(CALM_TRIES):
            before = _stamps(self._folder)
            with suppress(FileNotFoundError):  # replaced since it was seen
                copies = {name: self._copied(name, stamp, scratch / str(attempt)) for name, stamp in before.items()}
                if _stamps(self._folder) == before:
                    return before, copies | dict(self._growing(scratch))
        raise DataError(f"{self._folder}: files change all the time while they are copied", hint="the next try is soon")

    def _copied(self, name: str, stamp: Stamp, scratch: Path) -> Copy:
        known = self._hashes.get(name)
        if known and known[0] == stamp:
            return Copy(known[1], stamp[1])
        copy = scratch / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._folder / name, copy)
        return Copy(sha256(copy), copy.stat().st_size, copy)

    def _growing(self, scratch: Path) -> Iterator[tuple[str, Copy]]:
        """Files that are written all the time, up to their last whole line."""
        for name in ALONE:
            with suppress(FileNotFoundError):
                data = (self._folder / name).read_bytes()
                whole = data[: data.rfind(b"\n") + 1] if name.endswith((".jsonl", ".txt", ".times")) else data
                (scratch / name).write_bytes(whole)
                yield name, Copy(hashlib.sha256(whole).hexdigest(), len(whole), scratch / name)

    def _send(self, copies: dict[str, Copy]) -> list[int]:
        """Bring what is not there into the bucket; the sizes of what was sent."""
        by_hash = {copy.sha256: copy for copy in copies.values() if copy.path}
        new = {digest: copy for digest, copy in by_hash.items() if self._object(digest) not in self._there}
        for digest in in_order_of_arrival(lambda one: self._push(*one), new.items(), AT_ONCE):
            self._there.add(self._object(digest))
        return [copy.size_bytes for copy in new.values()]

    def _push(self, digest: str, copy: Copy) -> str:
        assert copy.path
        with suppress(Conflict):  # a killed save has brought the same bytes
            self._bucket.push(copy.path, self._object(digest), if_generation=ABSENT)
        return digest

    def _commit(self, files: dict[str, dict[str, Any]]) -> None:
        value = {"format": FORMAT, "run": self._run, "at": time.time(), "files": files}
        data = json.dumps(value, indent=1).encode()
        try:
            self._generation = self._bucket.write(f"{self._run}/{MANIFEST}", data, if_generation=self._generation)
        except Conflict:
            words = f"{self._run}: another machine saves checkpoints of it"
            raise Conflict(words, hint="one of the two is to stop") from None
        self._saved = files
        for name in self._there - {self._object(str(one["sha256"])) for one in files.values()}:
            with suppress(NotFound):
                self._bucket.delete(name)
            self._there.discard(name)

    def _object(self, digest: str) -> str:
        return f"{self._run}/files/{digest}"


def _stamps(folder: Path) -> dict[str, Stamp]:
    """Every file that a job keeps, and which one it is; what is being written beside is left out."""
    found = {}
    for path in (path for tree in TREES for path in (folder / tree).rglob("*")):
        with suppress(FileNotFoundError):
            if not path.name.startswith(".") and path.is_file():
                seen = path.stat()
                found[path.relative_to(folder).as_posix()] = seen.st_ino, seen.st_size, seen.st_mtime_ns
    return found


def _significant(files: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What a resume goes on from; a longer log alone is no reason for another save."""
    return {name: one for name, one in files.items() if name.partition("/")[0] in TREES}
