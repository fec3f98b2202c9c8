"""A text file that grows: an index of its lines, of which only those that are drawn are read."""

from __future__ import annotations

import os
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path

CHUNK = 1 << 20
CLIP = 1 << 13  # bytes of one line that are shown; a line may be megabytes long
_NEWLINE = re.compile(b"\n")


class LogFile:
    """Eight bytes of memory a line, however long the file is.

    `update` and `search` belong into a thread; `lines` reads a few kilobytes that the kernel has just cached.
    """

    def __init__(self, path: Path = Path()) -> None:
        self._path = path
        self._file = -1
        self._ends = array("Q")  # where each whole line ends, its newline included
        self._size = 0

    @property
    def count(self) -> int:
        """Lines, with a last one that has no end yet."""
        whole = self._ends[-1] if self._ends else 0
        return len(self._ends) + (self._size > whole)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def move(self, path: Path) -> None:
        """Where the file lies now."""
        self._path = path

    def update(self, limit: int = 64 << 20) -> tuple[bool, bool]:
        """Index what is new: whether anything is, and whether the file was cut or replaced."""
        afresh = self._reopen()
        size = os.fstat(self._file).st_size
        before, end = self._size, min(size, self._size + limit)
        while self._size < end:
            chunk = os.pread(self._file, min(CHUNK, end - self._size), self._size)
            if not chunk:
                break
            self._ends.extend([self._size + match.end() for match in _NEWLINE.finditer(chunk)])
            self._size += len(chunk)
        return self._size != before or afresh, afresh

    def _reopen(self) -> bool:
        """Open the file that the path means now; True where it is another or a shorter one than before."""
        if self._file >= 0:
            now, ours = self._path.stat(), os.fstat(self._file)
            if now.st_ino == ours.st_ino and ours.st_size >= self._size:
                return False
            self.close()
        first = not self._size
        self._file = os.open(self._path, os.O_RDONLY)
        self._ends, self._size = array("Q"), 0
        return not first

    def lines(self, start: int, stop: int) -> list[str]:
        """Lines from `start` up to `stop`, as they are to be shown."""
        return [self._line(number) for number in range(max(0, start), min(stop, self.count))]

    def _line(self, number: int) -> str:
        try:
            begin = self._ends[number - 1] if number else 0
            end = self._ends[number] if number < len(self._ends) else self._size
            return shown(lambda at, size: os.pread(self._file, size, at), begin, end)
        except (OSError, IndexError):
            return ""  # the file was closed or cut just now, and the next update says so

    def search(self, pattern: re.Pattern[bytes], cancelled: Callable[[], bool] = lambda: False) -> array[int]:
        """Numbers of the whole lines in which a pattern is found."""
        found: array[int] = array("Q")
        at, end = 0, self._ends[-1] if self._ends else 0
        while at < end and not cancelled():
            chunk = os.pread(self._file, min(CHUNK, end - at), at)
            cut = chunk.rfind(b"\n") + 1 or len(chunk)
            self._search(pattern, chunk[:cut], at, found)
            at += max(cut, 1)
        return found

    def _search(self, pattern: re.Pattern[bytes], chunk: bytes, offset: int, found: array[int]) -> None:
        at = 0
        while (match := pattern.search(chunk, at)) and match.start() < len(chunk):
            number = bisect_right(self._ends, offset + match.start())
            if not found or found[-1] != number:
                found.append(number)
            at = max(self._ends[number] - offset, match.end(), at + 1)


def shown(read: Callable[[int, int], bytes], begin: int, end: int) -> str:
    """A line as a terminal would leave it: what stands after its last carriage return, and not too much of it."""
    length = end - begin
    tail = read(max(begin, end - CLIP), min(length, CLIP)).rstrip(b"\r\n")
    if b"\r" in tail:
        return tail[tail.rfind(b"\r") + 1 :].decode("utf-8", "replace")
    if length <= CLIP:
        return tail.decode("utf-8", "replace")
    return read(begin, CLIP).decode("utf-8", "replace") + f" … ({length:,} bytes in this line)"
