"""Lines that someone else keeps, painted and wrapped; a few hundred of them are remembered."""

from __future__ import annotations

import re
from itertools import islice
from typing import Protocol

from rich.style import Style
from rich.text import Text
from textual.cache import LRUCache

from tui.widgets.paint import Paint, Tone, wrapped

REMEMBERED = 400
MOST_MATCHES = 100  # that are shown in one line
Piece = tuple[int, Text]  # the row of a line, and the part of it that stands on one line of the screen


class LineSource(Protocol):
    """Lines by the rows in which they are shown; may grow, and may begin anew.

    Each line has a number of its own, by which it is found again when others are shown before it than now.
    """

    @property
    def count(self) -> int:
        """How many rows there are now."""

    @property
    def settled(self) -> int:
        """Rows before this one stay as they are."""

    def lines(self, start: int, stop: int) -> list[str]:
        """The rows from `start` up to `stop`."""

    def number(self, row: int) -> int:
        """The number of the line in a row."""

    def row(self, number: int) -> int:
        """The row of a line, or of the first one shown after it."""

    def aside(self, row: int) -> bool:
        """Whether it is shown only because of its neighbours."""

    def line(self, row: int) -> int:
        """As which line people count it, from 0, of `line_count`."""

    @property
    def line_count(self) -> int:
        """How many lines there are, shown or not."""


class TextLines:
    """The lines of a text in memory."""

    def __init__(self, text: str = "") -> None:
        self._lines = text.splitlines()

    @property
    def count(self) -> int:
        return len(self._lines)

    settled = line_count = count

    def lines(self, start: int, stop: int) -> list[str]:
        return self._lines[max(0, start) : stop]

    def number(self, row: int) -> int:
        return row

    def row(self, number: int) -> int:
        return number

    def aside(self, row: int) -> bool:
        return False

    def line(self, row: int) -> int:
        return row


class Painter:
    """What stands on each line of a screen, asked from the top or from the end."""

    def __init__(self, source: LineSource, paint: Paint, tone: Tone) -> None:
        self.source, self.paint, self._tone = source, paint, tone
        self.pattern: re.Pattern[str] | None = None
        self.match = -1  # the number of the line with the match that one is at
        self.match_style = self.here_style = Style.null()
        self._known: LRUCache[int, Text] = LRUCache(REMEMBERED)

    def forget(self) -> None:
        self._known.clear()

    def from_top(self, top: int, width: int, height: int, skipped: int = 0) -> list[Piece]:
        """What fits below a row, without some of its first pieces; a width of 0 does not wrap."""
        found: list[Piece] = []
        last = min(top + height, self.source.count)
        for row, text in zip(range(top, last), self._texts(top, last), strict=False):
            pieces = [(row, piece) for piece in wrapped(text, width)]
            found += pieces[skipped if row == top else 0 :]
            if len(found) >= height:
                break
        return found[:height]

    def end(self, width: int, height: int) -> tuple[int, int]:
        """From which row on, and without how many of its pieces, the last lines just fill so many lines."""
        room, row = max(1, height), self.source.count
        while room > 0 and row > 0:
            row -= 1
            room -= len(self.pieces(row, width))
        return row, max(0, -room)

    def pieces(self, row: int, width: int) -> list[Piece]:
        """The parts of a row that stand on a line of the screen each."""
        return [(row, piece) for text in self._texts(row, row + 1) for piece in wrapped(text, width)]

    def _texts(self, start: int, stop: int) -> list[Text]:
        """Some rows, painted; those that are not known yet are asked for at once."""
        unknown = [row for row in range(start, stop) if row not in self._known]
        fresh: dict[int, Text] = {}
        if unknown:
            lines = self.source.lines(unknown[0], unknown[-1] + 1)
            fresh = {row: self._painted(row, line) for row, line in enumerate(lines, unknown[0])}
        texts = [fresh.get(row) or self._known.get(row) or Text("") for row in range(start, stop)]
        return [self._with_matches(text, row) for row, text in enumerate(texts, start)]

    def _painted(self, row: int, line: str) -> Text:
        text = self.paint(line, self._tone)
        if self.source.aside(row):
            text.stylize(self._tone("dim"))
        if row < self.source.settled:
            self._known.set(row, text)
        return text

    def _with_matches(self, text: Text, row: int) -> Text:
        if self.pattern is None:
            return text
        here = self.match >= 0 and self.source.number(row) == self.match
        style, text = self.here_style if here else self.match_style, text.copy()
        for found in islice(self.pattern.finditer(text.plain), MOST_MATCHES):
            text.stylize(style, *found.span())
        return text
