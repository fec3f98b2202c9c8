"""Progress bars in a log, as a terminal would have left them: one line a bar, however often it was drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from typing import NamedTuple

MOST_UP = 32  # lines; nobody draws more bars than that below each other
MOST_ROWS = 64
CLIP = 1 << 13  # bytes of one line that are looked at
_UP = re.compile(rb"\x1b\[(\d*)[AF]")


class Row(NamedTuple):
    """What stands on one line of the screen, and the line of the file that wrote it."""

    line: int
    text: bytes
    bar: bytes = b""  # its name, where each step of it is a line of its own
    percent: int = 0


class Run(NamedTuple):
    """Lines of a file, from `first` to before `stop`, that a terminal would have left as these rows."""

    first: int
    stop: int
    rows: tuple[Row, ...]
    hidden_before: int = 0  # lines that earlier runs have more than rows

    @property
    def hidden(self) -> int:
        return self.stop - self.first - len(self.rows)

    @property
    def first_row(self) -> int:
        return self.first - self.hidden_before


def next_bar(data: bytes, at: int) -> int:
    """Where something is that bars are made of: the cursor goes up, or tqdm's sign; -1 where there is nothing."""
    up = _UP.search(data, at) if data.find(b"\x1b", at) >= 0 else None
    # Looking for one byte is ten times as quick as looking for two, and most logs have none of it.
    sign = data.find(b"%|", at) if data.find(b"%", at) >= 0 else -1
    return min(up.start(), sign) if up and sign >= 0 else up.start() if up else sign


def last_drawn(text: bytes) -> bytes:
    """What a line shows in the end: what stands after its last carriage return."""
    text = text.rstrip(b"\r\n")
    return text[text.rfind(b"\r") + 1 :]


class Bars:
    """Bars that are being drawn, line by line of a file, as on a screen whose cursor goes up again."""

    def __init__(self, number: int, line: bytes, above: Callable[[int], bytes], lowest: int = 0) -> None:
        """Begin with a line that begins bars; `above` is how lines before it are asked for, from `lowest` on."""
        depth = min(_depth(line), number - lowest, MOST_UP)
        self._rows = [Row(n, last_drawn(above(n))) for n in range(number - depth, number)]
        self._first, self._y = number - depth, depth
        self._stop = number

    def run(self, hidden_before: int) -> Run:
        """How it stands now."""
        return Run(self._first, self._stop, tuple(self._rows), hidden_before)

    def with_half(self, line: bytes) -> Bars:
        """The same with a line that is still being written."""
        other = copy(self)
        other._rows = list(self._rows)
        return other if other.take(line) else self

    def take(self, line: bytes) -> bool:
        """Draw the next line of the file; False where it has nothing to do with these bars."""
        if not (_UP.search(line) or self._y < len(self._rows)):
            return self._take_step(line)
        if self._y >= MOST_ROWS:
            return False
        text, *rest = _UP.split(line)
        self._write(text)
        for count, text in zip(rest[::2], rest[1::2], strict=True):
            self._y = max(0, self._y - int(count or 1))
            self._write(text)
        self._y += 1
        self._stop += 1
        while len(self._rows) < self._y:
            self._rows.append(Row(self._stop - 1, b""))
        return True

    def _write(self, text: bytes) -> None:
        if not text.rstrip(b"\n"):
            return
        while len(self._rows) <= self._y:
            self._rows.append(Row(self._stop, b""))
        self._rows[self._y] = Row(self._stop, last_drawn(text)[-CLIP:])

    def _take_step(self, line: bytes) -> bool:
        """A step of a bar that has a line of its own for each of its steps."""
        found = step(line)
        if found is None or len(self._rows) >= MOST_ROWS:
            return False
        bar, percent = found
        row = Row(self._stop, last_drawn(line)[:CLIP], bar, percent)
        for place, other in enumerate(self._rows):
            if other.bar == bar and other.percent <= percent and other.percent < 100:
                self._rows[place] = row
                break
        else:
            self._rows.append(row)
        self._stop += 1
        self._y = len(self._rows)
        return True


def step(line: bytes) -> tuple[bytes, int] | None:
    """The name of a bar and its percents, where the line is one step of it; a line of many steps is a bar itself."""
    head, sign, _ = line[:CLIP].partition(b"%|")
    name = head.rstrip(b"0123456789")
    if not sign or not 0 < len(head) - len(name) <= 3 or line.rstrip(b"\r\n").rfind(b"\r") > 0:
        return None
    return b"=" + name.strip(), int(head[len(name) :])


def begins(line: bytes) -> bool:
    """Whether bars begin with this line."""
    return _UP.search(line) is not None or step(line) is not None


def _depth(line: bytes) -> int:
    """How many lines a line goes up above itself."""
    return min(MOST_UP, sum(int(match[1] or 1) for match in _UP.finditer(line)))
