"""Lines that someone else keeps, painted and wrapped; a few hundred of them are remembered."""

from __future__ import annotations

import re
from typing import Protocol

from rich.style import Style
from rich.text import Text
from textual.cache import LRUCache

from tui.widgets.paint import Paint, Tone, wrapped

REMEMBERED = 400
Piece = tuple[int, Text]  # the number of a line, and the part of it that stands on one line of the screen


class LineSource(Protocol):
    """Lines by number; may grow, and may begin anew."""

    @property
    def count(self) -> int:
        """How many there are now."""

    def lines(self, start: int, stop: int) -> list[str]:
        """Those from `start` up to `stop`."""


class TextLines:
    """The lines of a text in memory."""

    def __init__(self, text: str = "") -> None:
        self._lines = text.splitlines()

    @property
    def count(self) -> int:
        return len(self._lines)

    def lines(self, start: int, stop: int) -> list[str]:
        return self._lines[max(0, start) : stop]

    def search(self, pattern: re.Pattern[str]) -> list[int]:
        """Numbers of the lines in which a pattern is found."""
        return [number for number, line in enumerate(self._lines) if pattern.search(line)]


class Painter:
    """What stands on each line of a screen, asked from the top or from the end."""

    def __init__(self, source: LineSource, paint: Paint, tone: Tone) -> None:
        self.source, self.paint, self._tone = source, paint, tone
        self.pattern: re.Pattern[str] | None = None
        self.match_line = -1
        self.match_style = self.here_style = Style.null()
        self._known: LRUCache[int, Text] = LRUCache(REMEMBERED)

    def forget(self) -> None:
        self._known.clear()

    def from_top(self, top: int, width: int, height: int) -> list[Piece]:
        """What fits below a line; a width of 0 does not wrap."""
        found: list[Piece] = []
        for number in range(top, min(top + height, self.source.count)):
            found += self._pieces(number, width)
            if len(found) >= height:
                break
        return found[:height]

    def from_end(self, width: int, height: int) -> list[Piece]:
        """What fits above the end."""
        found: list[Piece] = []
        for number in range(self.source.count - 1, -1, -1):
            found[:0] = self._pieces(number, width)
            if len(found) >= height:
                break
        return found[-max(1, height) :]

    def _pieces(self, number: int, width: int) -> list[Piece]:
        return [(number, piece) for piece in wrapped(self._text(number), width)]

    def _text(self, number: int) -> Text:
        known = self._known.get(number)
        if known is None:
            lines = self.source.lines(number, number + 1)
            known = self.paint(lines[0] if lines else "", self._tone)
            if number < self.source.count - 1:  # the last line may still be in the making
                self._known.set(number, known)
        return self._with_matches(known, number)

    def _with_matches(self, text: Text, number: int) -> Text:
        if self.pattern is None:
            return text
        style, text = self.here_style if number == self.match_line else self.match_style, text.copy()
        for match in self.pattern.finditer(text.plain):
            text.stylize(style, *match.span())
        return text
