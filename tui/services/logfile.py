"""A text file that grows: of its lines only those that are drawn are read, and bars are drawn as a terminal would."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tui.bars import CLIP, last_drawn
from tui.services.folds import Folds
from tui.services.logindex import Index

WINDOW = 1 << 16  # bytes
MUCH = 1 << 20
REMEMBERED = 64  # bytes before the end, by which a file is known that was cut and has grown again


class LogFile:
    """A file by its rows: its lines, but for those that drew a bar which a later line has drawn anew.

    `update` belongs into a thread; `lines` reads a few kilobytes that the kernel has just cached.
    """

    def __init__(self, path: Path = Path()) -> None:
        self._path = path
        self.index: Index | None = None
        self.folds = Folds()
        self.gone = False
        self._ending = b""

    @property
    def count(self) -> int:
        """Rows, with a last one that has no end yet."""
        return self.index.count - self.folds.hidden if self.index else 0

    @property
    def settled(self) -> int:
        """Rows before this one stay as they are."""
        return min(self.count - 1, self.folds.settled)

    @property
    def line_count(self) -> int:
        return self.index.count if self.index else 0

    def move(self, path: Path) -> None:
        """Where the file lies now."""
        self._path = path

    @classmethod
    def of(cls, lines: Iterable[str]) -> LogFile:
        """Lines that are in no file, as if they were."""
        log = cls()
        log.index = Index.of(lines)
        return log

    # --- reading what is new -------------------------------------------------------------------------------------

    def update(self, limit: int = 64 << 20) -> tuple[bool, bool]:
        """Index what is new: whether anything is, and whether the file was cut or replaced."""
        was_gone, afresh = self.gone, self._reopen()
        assert self.index is not None
        grew = self.index.grow(limit)
        if grew:
            self.folds.follow(self.index)
            end = self.index.extent.size
            self._ending = self.index.read(max(0, end - REMEMBERED), end)
        return grew or afresh or self.gone != was_gone, afresh

    @property
    def behind(self) -> bool:
        """Whether the file is much longer than what is indexed of it."""
        return self.index is not None and os.fstat(self.index.file).st_size > self.index.extent.size + MUCH

    def _reopen(self) -> bool:
        """Open the file that the path means now; True where it is another or a shorter one than before."""
        try:
            same = self.index is not None and self._is_ours(self.index)
            file = os.open(self._path, os.O_RDONLY) if not same else -1
        except FileNotFoundError:
            self.gone = self.index is not None
            if self.gone:
                return False  # what was read of it can still be read, since it is open
            raise
        self.gone = False
        if same:
            return False
        first = self.index is None
        self.folds, self._ending = Folds(), b""
        self.index = Index(file)
        return not first

    def _is_ours(self, index: Index) -> bool:
        now, ours = self._path.stat(), os.fstat(index.file)
        if (now.st_dev, now.st_ino) != (ours.st_dev, ours.st_ino) or ours.st_size < index.extent.size:
            return False
        end = index.extent.size
        return ours.st_size == end or index.read(end - len(self._ending), end) == self._ending

    # --- rows ----------------------------------------------------------------------------------------------------

    def number(self, row: int) -> int:
        return row

    def aside(self, row: int) -> bool:
        return False

    def line(self, row: int) -> int:
        """The line of the file that a row shows."""
        return self.folds.line(row)[0]

    def row(self, number: int) -> int:
        return number

    def row_of(self, line: int) -> int:
        """The row that shows a line of the file, or what was drawn over it."""
        return self.folds.row(line)

    def lines(self, start: int, stop: int) -> list[str]:
        """Rows from `start` up to `stop`, as they are to be shown."""
        start, stop = max(0, start), min(stop, self.count)
        at_once = self._at_once(start, stop) if self.index and not self.folds and stop > start + 1 else None
        return at_once or [self._text(row) for row in range(start, stop)]

    def _at_once(self, start: int, stop: int) -> list[str] | None:
        """Some lines with one look into the file, where they are no longer than most are."""
        assert self.index is not None
        begin = self.index.start(start)
        data = self.index.read(begin, min(begin + WINDOW, self.index.extent.size))
        lines = data.split(b"\n")[: stop - start]
        cut = data.count(b"\n") < stop - start and begin + len(data) < self.index.extent.size
        if cut or len(lines) < stop - start or max(map(len, lines)) > CLIP:
            return None
        return [last_drawn(line).decode("utf-8", "replace") for line in lines]

    def _text(self, row: int) -> str:
        line, text = self.folds.line(row)
        return text.decode("utf-8", "replace") if text is not None else self.text(line)

    def text(self, line: int) -> str:
        """A line of the file, as it is to be shown."""
        index = self.index
        return shown(index, *self.span(line)) if index else ""

    def span(self, line: int) -> tuple[int, int]:
        """From where to where a line is in the file."""
        return (self.index.start(line), self.index.start(line + 1)) if self.index else (0, 0)


def shown(index: Index, begin: int, end: int) -> str:
    """A line as a terminal would leave it: what stands after its last carriage return, and not too much of it."""
    length = end - begin
    tail = index.read(max(begin, end - CLIP), end).rstrip(b"\r\n")
    if b"\r" in tail:
        return last_drawn(tail).decode("utf-8", "replace")
    if length <= CLIP:
        return tail.decode("utf-8", "replace")
    return index.read(begin, begin + CLIP).decode("utf-8", "replace") + f" … ({length:,} bytes in this line)"
