"""A view of lines that someone else keeps: searched, marked, and with what is told of each at its left."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from rich.segment import Segment
from textual import events

from tui.widgets.paint import Paint
from tui.widgets.painter import LineSource
from tui.widgets.scrolled import ScrolledLines

MARK, FOUND = "●", "▌"


class LineView(ScrolledLines, inherit_bindings=False):
    """Lines that can be followed, searched, wrapped and marked; lines are named by their numbers."""

    COMPONENT_CLASSES = {"lines--match", "lines--match-here"}  # noqa: RUF012 (Textual reads it so)

    matches: Sequence[int] = ()
    told: Callable[[int], str] | None = None  # of the line of a number, at its left
    told_width = 0
    signs = False  # whether lines that were found are told from their neighbours

    def __init__(self, source: LineSource | None = None, **given: object) -> None:
        super().__init__(source, **given)  # type: ignore[arg-type]
        self.marks: set[int] = set()

    def show(self, source: LineSource, *, paint: Paint | None = None, empty: str = "") -> None:
        """Show other lines, from the first on, or from the last where it follows."""
        self._painter.source, self._painter.paint = source, paint or self._painter.paint
        self.empty, self._left = empty, 0
        self.marks.clear()
        self.found(None, ())
        follow = self.follow
        self.go(0)
        self.follow = follow  # it was taken to the top of the lines before, and nobody has left their end
        self.grew(afresh=True)

    # --- what was found ------------------------------------------------------------------------------------------

    def found(self, pattern: re.Pattern[str] | None, matches: Sequence[int]) -> None:
        """Show where a pattern was found."""
        if pattern != self._painter.pattern:
            self._painter.match = -1
        self._painter.pattern, self.matches = pattern, matches
        if pattern is not None:
            self._style_matches()
        self._redraw()

    @property
    def match(self) -> int:
        """The number of the line with the match that one is at; -1 where one is at none."""
        return self._painter.match

    def next_match(self, step: int) -> None:
        """To the next line that matches, or the one before; from the last on to the first."""
        if self.matches:
            self._painter.match = self._next(self.matches, step, self._painter.match)
            self.go_to(self._painter.match)

    def next_mark(self, step: int) -> None:
        """To the next marked line; from the last on to the first."""
        if self.marks:
            marks = sorted(self.marks)
            self._at_mark = self._next(marks, step, self._at_mark)
            self.go_to(self._at_mark)

    _at_mark = -1

    def _next(self, numbers: Sequence[int], step: int, at: int) -> int:
        here = at if at >= 0 else self.top - (step > 0)
        place = bisect_right(numbers, here) if step > 0 else bisect_left(numbers, here) - 1
        return numbers[place % len(numbers)]

    def go_to(self, number: int) -> None:
        """Bring a line into view, with some before it."""
        self.follow = False
        row, here = self.source.row(number), self.scroll_offset.y
        if not here <= row < here + self.scrollable_size.height or self.wrap:
            self.go(row - self.scrollable_size.height // 3)
        self._redraw()

    # --- marks ---------------------------------------------------------------------------------------------------

    def mark(self, number: int | None = None) -> None:
        """Mark a line, or take its mark away: the one with the match in view, else the one at the top."""
        in_view = self.numbers_in_view
        number = self._painter.match if number is None and self._painter.match in in_view else number
        number = self.top if number is None else number
        if self.count:
            self.marks ^= {number}
            self._measure()
            self._redraw()
            self.post_message(self.Moved())

    @property
    def numbers_in_view(self) -> list[int]:
        """The numbers of the lines in view."""
        return sorted({self.source.number(row) for row, _ in self._in_view()})

    def on_click(self, event: events.Click) -> None:
        if 0 <= event.y < len(self._in_view()):
            self.mark(self.source.number(self._in_view()[event.y][0]))

    # --- words and margin ----------------------------------------------------------------------------------------

    @property
    def where(self) -> str:
        """Which match of how many, or which line."""
        if self._painter.pattern is not None:
            number = bisect_left(self.matches, self.match) + 1 if self.match >= 0 else 0
            return f"match {number:,} of {len(self.matches):,}" if self.matches else "no match"
        if not self.rows_measured:
            return ""
        last = min(self.rows_measured, self.scroll_offset.y + self.scrollable_size.height) - 1
        return f"line {self.source.line(last) + 1:,} of {self.lines_measured:,}"

    def tell(self, told: Callable[[int], str] | None, width: int = 0) -> None:
        """Tell something of each line, in so many cells at its left."""
        self.told, self.told_width = told, width
        self._measure()
        self._redraw()

    @property
    def margin_width(self) -> int:
        return 2 * (bool(self.marks) or self.signs) + (self.told_width + 1) * (self.told is not None)

    def margin(self, row: int) -> list[Segment]:
        base, number = self.rich_style, self.source.number(row)
        parts = []
        if self.marks or self.signs:
            sign = MARK if number in self.marks else FOUND if self.signs and not self.source.aside(row) else " "
            parts.append(Segment(f"{sign} ", base + self.tone("accent")))
        if self.told is not None:
            words = self.told(number)[: self.told_width]
            parts.append(Segment(f"{words:>{self.told_width}} ", base + self.tone("dim")))
        return parts

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self._painter.pattern is not None:
            self._style_matches()

    def _style_matches(self) -> None:
        self._painter.match_style = self.get_component_rich_style("lines--match", partial=True)
        self._painter.here_style = self.get_component_rich_style("lines--match-here", partial=True)
