"""What was answered for each video, in an append log: a line a video, on the disk within two seconds.

It consists of parts of some hundred videos; all but the last never change, so that a checkpoint sends each once. A line
bears its checksum. What a kill has cut off, and what a disk has damaged, is taken for not done, and done again.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import DataError
from engine.scaling.failures import PASSING

FLUSH_S = 2.0
Record = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a record stands, and of which bytes it tells."""

    part: Path
    offset: int
    size: int
    stamp: str
    content: str
    failed: str


class Journal:
    """The records of one consumer under one configuration, by video_id; one process writes."""

    def __init__(self, folder: Path, every: int = 500, flush_s: float = FLUSH_S) -> None:
        """Args: every: so many videos make a part. flush_s: so long a record waits at most, while `tick` is called."""
        self.folder, self._every, self._flush_s = folder, every, flush_s
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise DataError(f"{folder}: another run writes there", hint="wait for it, or stop it") from None
        self._places: dict[str, Place] = {}
        self._waiting: list[bytes] = []
        self._flushed = time.monotonic()
        self._number, self._count, self._size = 0, 0, 0
        for part in sorted(folder.glob("[0-9]*.jsonl")):
            self._load(part)
        self._part = self._file(self._number)

    # --- reading -------------------------------------------------------------------------------------------------

    def __contains__(self, video_id: str) -> bool:
        return video_id in self._places

    def __len__(self) -> int:
        return len(self._places)

    def place(self, video_id: str) -> Place | None:
        """What is known of a video; None where nothing is."""
        return self._places.get(video_id)

    def read(self, video_id: str) -> Record:
        """The record of a video."""
        place = self._places[video_id]
        self.flush()
        with place.part.open("rb") as file:
            file.seek(place.offset)
            line = file.read(place.size)
        record: Record = json.loads(line[9:])
        return record

    def forget_passing(self) -> None:
        """Failures that a new attempt may find gone are none any more."""
        self._places = {name: place for name, place in self._places.items() if place.failed not in PASSING}

    # --- writing -------------------------------------------------------------------------------------------------

    def put(self, video_id: str, stamp: str, content: str, record: Record) -> None:
        """Keep a record; a later one of the same video takes its place."""
        whole = {"video_id": video_id, "stamp": stamp, "content": content, **record}
        line = _line(whole)
        self._places[video_id] = Place(self._part, self._size, len(line), stamp, content, record.get("failed", ""))
        self._waiting.append(line)
        self._size += len(line)
        self._count += 1
        if self._count >= self._every:
            self.flush()
            self._number, self._count, self._size = self._number + 1, 0, 0
            self._part = self._file(self._number)
        else:
            self.tick()

    def tick(self) -> None:
        """Write what has waited long enough."""
        if self._waiting and time.monotonic() - self._flushed >= self._flush_s:
            self.flush()

    def flush(self) -> None:
        """Bring everything to the disk."""
        self._flushed = time.monotonic()
        if not self._waiting:
            return
        with self._part.open("ab") as file:
            before = file.tell()
            try:
                file.write(b"".join(self._waiting))
                file.flush()
                os.fsync(file.fileno())
            except OSError:  # half a line would take the next one with it
                os.ftruncate(file.fileno(), before)
                raise
        self._waiting = []

    def close(self) -> None:
        """Write what waits, and let others write."""
        self.flush()
        os.close(self._lock)

    # --- how -----------------------------------------------------------------------------------------------------

    def _load(self, part: Path) -> None:
        self._number, self._count, self._size = int(part.stem), 0, 0
        for offset, line in _lines(part):
            record = _read(line)
            if record is None:
                continue
            self._places[record["video_id"]] = Place(
                part, offset, len(line), record["stamp"], record["content"], record.get("failed", "")
            )
            self._count += 1
        self._size = _whole(part)
        if self._count >= self._every:
            self._number, self._count, self._size = self._number + 1, 0, 0

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:05}.jsonl"


def without(data: bytes, reasons: Collection[str]) -> bytes:
    """What a part holds, without the failures that have one of these reasons."""
    return b"".join(line for line in data.splitlines(keepends=True) if not _failed(line, reasons))


def _failed(line: bytes, reasons: Collection[str]) -> bool:
    record = _read(line) if b'"failed":' in line else None
    return record is not None and record.get("failed") in reasons


def _lines(part: Path) -> Iterator[tuple[int, bytes]]:
    offset = 0
    with part.open("rb") as file:
        for line in file:
            yield offset, line
            offset += len(line)


def _whole(part: Path) -> int:
    """The size of a part without a line that a kill has cut off, which goes, since it would take the next one along."""
    with part.open("r+b") as file:
        data = file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            file.truncate(whole)
    return whole


def _line(record: Record) -> bytes:
    text = json.dumps(record, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _read(line: bytes) -> Record | None:
    """The record of a line; None where it is not the one that was written."""
    text = line[9:-1]
    if not line.endswith(b"\n") or line[:8] != b"%08x" % zlib.crc32(text):
        return None
    record: Record = json.loads(text)
    return record
