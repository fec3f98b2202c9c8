"""The log of a run, read once more for a tape: its end, and what it grows by, never more than a screen can follow."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from engine.errors import RunError
from engine.run import find
from engine.workspace import Workspace

FIRST = 1 << 18  # bytes of a log that is opened
A_SECOND = 1 << 18  # bytes that are kept of what it grows by; nobody reads more


class LogTrack:
    """Reads what is new since the last time; used by one thread."""

    def __init__(self, workspace: Workspace, run_id: str) -> None:
        self._workspace, self._run_id = workspace, run_id
        self._path: Path | None = None
        self._inode, self._offset = 0, 0
        self._allowed, self._at = float(FIRST), time.monotonic()

    def grown(self) -> Iterator[dict[str, Any]]:
        """Its new bytes as text, with how many were skipped, and whether it is another file than before."""
        try:
            with self._open() as file:
                yield from self._piece(file)
        except (OSError, RunError):
            self._path = None  # it was moved; the next time it is looked for again

    def _open(self) -> BinaryIO:
        self._path = self._path or find(self._workspace, self._run_id).log
        return self._path.open("rb")

    def _piece(self, file: BinaryIO) -> Iterator[dict[str, Any]]:
        there = os.fstat(file.fileno())
        afresh = bool(self._inode) and (there.st_ino != self._inode or there.st_size < self._offset)
        begin = 0 if afresh else self._offset
        room = self._room()
        start = max(begin, there.st_size - room)
        file.seek(start)
        data = file.read(there.st_size - start)
        cut = data.find(b"\n") + 1 if start > begin else 0  # the piece begins with a whole line
        self._inode, self._offset = there.st_ino, start + len(data)
        self._allowed -= len(data)
        if data or afresh:
            yield _said(data[cut:], start - begin + cut, afresh)

    def _room(self) -> int:
        now = time.monotonic()
        self._allowed = min(FIRST, self._allowed + (now - self._at) * A_SECOND)
        self._at = now
        return max(1024, int(self._allowed))


def _said(data: bytes, skipped: int, afresh: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"text": data.decode("utf-8", "surrogateescape")}
    if skipped:
        found["skipped"] = skipped
    return {**found, "afresh": True} if afresh else found
