"""A view of lines that someone else keeps: only those in view are asked for, painted and remembered for a while."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.paint import Paint, plain, segments
from tui.widgets.painter import LineSource, Painter, Piece, TextLines
from tui.widgets.tones import Toned


class LineView(ScrollView, Toned, can_focus=True, inherit_bindings=False):
    """Lines that can be followed, searched and wrapped. It scrolls by whole lines, also where they are wrapped."""

    COMPONENT_CLASSES = {"lines--match", "lines--match-here"}  # noqa: RUF012 (Textual reads it so)

    class Moved(Message):
        """Another part is in view, or it began or ceased to follow."""

    def __init__(self, source: LineSource | None = None, *, paint: Paint = plain, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.follow = self.wrap = False
        self.empty = ""
        self.matches: Sequence[int] = ()
        self._painter = Painter(source or TextLines(), paint, self.tone)
        self._layout: list[Piece] | None = None
        self._left = 0

    # --- what it is given ----------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        return self._painter.source.count

    @property
    def source(self) -> LineSource:
        return self._painter.source

    def show(self, source: LineSource, *, paint: Paint | None = None, empty: str = "") -> None:
        """Show other lines, from the first on, or from the last where it follows."""
        self._painter.source, self._painter.paint = source, paint or self._painter.paint
        self.empty, self._left = empty, 0
        self.found(None, ())
        self.scroll_to(y=0, animate=False, force=True)
        self.grew(afresh=True)

    def grew(self, *, afresh: bool = False) -> None:
        """There are more lines, or the last one has become longer, or all are others."""
        if afresh:
            self._painter.forget()
        was_in_view = self.scroll_offset.y + self.scrollable_size.height >= self.virtual_size.height
        self._measure()
        if self.follow:
            self.scroll_to(y=self._last_top, animate=False, force=True)
        if afresh or self.follow or was_in_view:
            self._redraw()

    def found(self, pattern: re.Pattern[str] | None, matches: Sequence[int]) -> None:
        """Show where a pattern was found."""
        if pattern != self._painter.pattern:
            self._painter.match_line = -1
        self._painter.pattern, self.matches = pattern, matches
        if pattern is not None:
            self._style_matches()
        self._redraw()

    def next_match(self, step: int) -> None:
        """To the next line that matches, or the one before; from the last on to the first."""
        if not self.matches:
            return
        line = self._painter.match_line
        here = line if line >= 0 else self.scroll_offset.y - (step > 0)
        place = bisect_right(self.matches, here) if step > 0 else bisect_left(self.matches, here) - 1
        line = self._painter.match_line = self.matches[place % len(self.matches)]
        self.follow = False
        self._go(line - self.scrollable_size.height // 3)
        self._redraw()

    @property
    def where(self) -> str:
        """Which match of how many, or which line."""
        if self._painter.pattern is not None:
            line = self._painter.match_line
            number = bisect_left(self.matches, line) + 1 if line >= 0 else 0
            return f"match {number:,} of {len(self.matches):,}" if self.matches else "no match"
        last = min(self.count, self.scroll_offset.y + self.scrollable_size.height)
        return f"line {last:,} of {self.count:,}" if self.count else ""

    # --- moving --------------------------------------------------------------------------------------------------

    def move(self, lines: int) -> None:
        self.follow = self.follow and lines > 0
        self._go(self.scroll_offset.y + lines)

    def page(self, pages: int) -> None:
        in_view = len({number for number, _ in self._in_view()})
        self.move(pages * max(1, in_view - 1))

    def edge(self, bottom: bool) -> None:
        self.follow = False
        self._go(self._last_top if bottom else 0)

    def sideways(self, cells: int) -> None:
        widest = max((text.cell_len for _, text in self._in_view()), default=0)
        self._left = max(0, min(self._left + cells, widest - self.scrollable_size.width // 2)) if not self.wrap else 0
        self.refresh()

    def set_follow(self, follow: bool) -> None:
        """Stay at the end while it grows."""
        self.follow = follow
        if follow:
            self._go(self._last_top)
        self.post_message(self.Moved())

    def set_wrap(self, wrap: bool) -> None:
        """Wrap long lines."""
        self.wrap, self._left = wrap, 0
        self._measure()
        self._go(self._last_top if self.follow else self.scroll_offset.y)
        self._redraw()

    def _go(self, top: int) -> None:
        self.scroll_to(y=max(0, min(top, self._last_top)), animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._layout = None
        if new_value < old_value and round(new_value) < self._last_top:
            self.follow = False  # the wheel or the scrollbar took it away from the end
        self.post_message(self.Moved())

    # --- drawing -------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._measure()
        if self.follow:
            self.scroll_to(y=self._last_top, animate=False, force=True)
        self._redraw()
        self.post_message(self.Moved())

    @property
    def _last_top(self) -> int:
        return max(0, self.virtual_size.height - self.scrollable_size.height)

    def _measure(self) -> None:
        """The virtual height is such that the last line is at the bottom when it is scrolled to its end."""
        self._layout = None
        top = max(0, self.count - self.scrollable_size.height)
        if self.wrap and self.count:
            top = self._painter.from_end(self._wrap_width, self.scrollable_size.height)[0][0]
        self.virtual_size = Size(
            self.scrollable_size.width, max(self.count if not self.wrap else 0, top + self.scrollable_size.height)
        )

    def _redraw(self) -> None:
        self._layout = None
        self.refresh()

    def _in_view(self) -> list[Piece]:
        if self._layout is None:
            width, height, top = self._wrap_width, self.scrollable_size.height, self.scroll_offset.y
            at_end = self.wrap and self.count > 0 and top >= self._last_top
            draw = self._painter
            self._layout = draw.from_end(width, height) if at_end else draw.from_top(top, width, height)
        return self._layout

    @property
    def _wrap_width(self) -> int:
        return self.scrollable_size.width if self.wrap else 0

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painter.forget()
        if self._painter.pattern is not None:
            self._style_matches()

    def _style_matches(self) -> None:
        self._painter.match_style = self.get_component_rich_style("lines--match", partial=True)
        self._painter.here_style = self.get_component_rich_style("lines--match-here", partial=True)

    def render_line(self, y: int) -> Strip:
        base, width = self.rich_style, self.scrollable_size.width
        layout = self._in_view()
        if y < len(layout):
            return Strip(segments(layout[y][1], base)).crop_extend(self._left, self._left + width, base)
        words = f"  {self.empty}" if not self.count and y == 1 else ""
        return Strip([Segment(words, base + self.tone("dim"))]).adjust_cell_length(width, base)
