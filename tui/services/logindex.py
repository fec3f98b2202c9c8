"""Where the lines of a file are: one number for each 16 KiB of it, however many lines there are."""

from __future__ import annotations

import os
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

BLOCK = 1 << 14
CHUNK = 1 << 18  # larger ones are slower: their memory is asked of the kernel each time


class Extent(NamedTuple):
    """How far a file is indexed: bytes, bytes in whole lines, and how many newlines these have."""

    size: int = 0
    whole: int = 0
    newlines: int = 0


class Part(NamedTuple):
    """A part of a file that begins with a line and ends with one."""

    begin: int
    end: int
    first: int  # the number of its first line
    stop: int  # and of the one after its last


class Index:
    """The lines of an open file, which is closed with it. `grow` belongs into a thread; the rest reads kilobytes."""

    def __init__(self, file: int) -> None:
        self.file = file
        self.extent = Extent()
        self._before = array("Q")  # newlines before each block

    @classmethod
    def of(cls, lines: Iterable[str]) -> Index:
        """The index of lines that are in no file yet."""
        with tempfile.TemporaryFile() as file:
            file.writelines(f"{line}\n".encode("utf-8", "replace") for line in lines)
            file.flush()
            index = cls(os.dup(file.fileno()))
        while index.grow():
            pass
        return index

    def __del__(self) -> None:
        os.close(self.file)  # whoever still reads from it holds the index

    @property
    def count(self) -> int:
        """Lines, with a last one that has no end yet."""
        return self.extent.newlines + (self.extent.size > self.extent.whole)

    def grow(self, limit: int = 64 << 20) -> bool:
        """Index what is new, and so many bytes at most; whether anything is."""
        before = self.extent.size
        end = min(os.fstat(self.file).st_size, before + limit)
        while self.extent.size < end:
            chunk = os.pread(self.file, min(CHUNK, end - self.extent.size), self.extent.size)
            if not chunk:
                break
            self._add(chunk)
        return self.extent.size > before

    def _add(self, chunk: bytes) -> None:
        size, whole, newlines = self.extent
        at = 0
        while at < len(chunk):
            inside = (size + at) % BLOCK
            if not inside:
                self._before.append(newlines)
            stop = min(len(chunk), at + BLOCK - inside)
            newlines += chunk.count(b"\n", at, stop)
            at = stop
        last = chunk.rfind(b"\n")
        self.extent = Extent(size + len(chunk), size + last + 1 if last >= 0 else whole, newlines)

    def start(self, number: int) -> int:
        """Where a line begins; where there is none, where the next one will."""
        extent = self.extent
        if number <= 0:
            return 0
        if number > extent.newlines:
            return extent.size
        block = bisect_left(self._before, number) - 1
        data = os.pread(self.file, BLOCK, block * BLOCK)
        at = 0
        for _ in range(number - self._before[block]):
            at = data.find(b"\n", at) + 1
            if not at:  # the file was cut just now, and the next update says so
                return extent.size
        return block * BLOCK + at

    def number(self, offset: int) -> int:
        """In which line a byte is."""
        block = min(offset // BLOCK, len(self._before) - 1)
        if block < 0:
            return 0
        data = os.pread(self.file, offset - block * BLOCK, block * BLOCK)
        return self._before[block] + data.count(b"\n")

    def read(self, begin: int, end: int) -> bytes:
        return os.pread(self.file, end - begin, begin)

    def parts(self, begin: int, end: int, size: int = CHUNK) -> Iterator[Part]:
        """The whole lines between two places at which lines begin, in parts of about so many bytes."""
        first = self.number(begin)
        while begin < end:
            stop, after = self._next_line(begin + size, end)
            yield Part(begin, stop, first, after)
            begin, first = stop, after

    def _next_line(self, offset: int, end: int) -> tuple[int, int]:
        """Where the first line begins after a place, and its number; the end where there is none before it."""
        if offset >= end:
            return end, self.extent.newlines
        number = self.number(offset) + 1
        start = self.start(number)
        return (start, number) if offset < start < end else (end, self.extent.newlines)
