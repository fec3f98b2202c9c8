"""Lines that someone else keeps, scrolled and drawn: only those in view are asked for."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from tui.widgets.paint import Paint, plain, segments
from tui.widgets.painter import LineSource, Painter, Piece, TextLines
from tui.widgets.quietbar import QuietlyScrolled
from tui.widgets.tones import Toned


class ScrolledLines(QuietlyScrolled, Toned, can_focus=True, inherit_bindings=False):
    """A place in the lines is a row and, where rows are wrapped, how many of its pieces are above the view."""

    class Moved(Message):
        """Another part is in view, or it began or ceased to follow."""

    def __init__(self, source: LineSource | None = None, *, paint: Paint = plain, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.follow = self.wrap = False
        self.empty = ""
        self._painter = Painter(source or TextLines(), paint, self.tone)
        self._layout: list[Piece] | None = None
        self._left = self._skipped = 0
        self.rows_measured = self.lines_measured = 0  # when the view last took notice of what there is
        self._kept: int | None = None  # the number of the line at the top, until somebody moves

    @property
    def count(self) -> int:
        return self._painter.source.count

    @property
    def source(self) -> LineSource:
        return self._painter.source

    def grew(self, *, afresh: bool = False) -> None:
        """There are more lines, or the last one has become longer, or all are others."""
        if afresh:
            self._painter.forget()
        was_in_view = self.scroll_offset.y + self.scrollable_size.height >= self.virtual_size.height
        self._measure()
        if self.follow:
            self._go(*self._end)
        elif self._kept is not None:
            self._go(self.source.row(self._kept), 0)
        if afresh or self.follow or was_in_view or self._kept is not None:
            self._redraw()
        self.vertical_scrollbar.refresh()

    # --- moving --------------------------------------------------------------------------------------------------

    def move(self, lines: int) -> None:
        """So many lines of the screen down, or up where negative."""
        self.follow = self.follow and lines > 0
        row, skipped = self.scroll_offset.y, self._skipped + lines
        while self.wrap and skipped < 0 and row > 0:
            row -= 1
            skipped += len(self._painter.pieces(row, self._wrap_width))
        while self.wrap and skipped > 0 and (row, skipped) < self._end:
            pieces = len(self._painter.pieces(row, self._wrap_width))
            if skipped < pieces:
                break
            row, skipped = row + 1, skipped - pieces
        self.go(row, skipped) if self.wrap else self.go(row + lines)

    def page(self, pages: int) -> None:
        self.move(pages * max(1, self.scrollable_size.height - 1))

    def edge(self, bottom: bool) -> None:
        self.follow = False
        self.go(*(self._end if bottom else (0, 0)))

    def sideways(self, cells: int) -> None:
        widest = max((text.cell_len for _, text in self._in_view()), default=0)
        self._left = max(0, min(self._left + cells, widest - self._width // 2)) if not self.wrap else 0
        self.refresh()

    def set_follow(self, follow: bool) -> None:
        """Stay at the end while it grows."""
        self.follow = follow
        if follow:
            self.go(*self._end)
        self.post_message(self.Moved())

    def set_wrap(self, wrap: bool) -> None:
        """Wrap long lines."""
        self.wrap, self._left = wrap, 0
        self._measure()
        self._go(*(self._end if self.follow else (self.scroll_offset.y, 0)))
        self._redraw()

    def go(self, row: int, skipped: int = 0) -> None:
        """Bring a row to the top, as far as there is enough below it."""
        self._kept = None
        self._go(row, skipped)

    def keep(self, number: int) -> None:
        """Bring a line to the top and keep it there, whatever is shown before it, until somebody moves."""
        self._kept = number
        self._go(self.source.row(number), 0)

    @property
    def top(self) -> int:
        """The number of the line at the top."""
        return self.source.number(min(self.scroll_offset.y, self.count - 1)) if self.count else 0

    def _go(self, row: int, skipped: int) -> None:
        row, skipped = max((0, 0), min((row, max(0, skipped)), self._end))
        if skipped != self._skipped:
            self._redraw()
        self._skipped = skipped
        if row != self.scroll_offset.y:
            self.scroll_to(y=row, animate=False, force=True, immediate=True)
            self._skipped = skipped  # which another row at the top has set to nothing

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        self.vertical_scrollbar.position = new_value
        self._skipped = 0
        self._redraw()
        if new_value < old_value and round(new_value) < self._end[0] and self._measured == self.scrollable_size:
            self.follow = False  # the wheel or the scrollbar took it away from the end, and not a new size
        self.post_message(self.Moved())

    # --- drawing -------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._measure()
        if self.follow:
            self._go(*self._end)
        self._redraw()
        self.post_message(self.Moved())

    def _measure(self) -> None:
        """The virtual height is such that the last line is at the bottom when it is scrolled to its end."""
        self._layout, self._measured = None, self.scrollable_size
        self.rows_measured, self.lines_measured = self.count, self.source.line_count
        height = self.scrollable_size.height
        self._end = max(0, self.count - height), 0
        if self.wrap and self.count:
            self._end = self._painter.end(self._wrap_width, height)
        rows = self._end[0] + height if self.wrap else self.count
        self._resize(Size(self.scrollable_size.width, rows))

    def _resize(self, size: Size) -> None:
        """Only where a scrollbar comes or goes has the screen to be laid out anew."""
        height, before = self.scrollable_size.height, self.virtual_size
        if before.width == size.width and (before.height > height) == (size.height > height):
            self.set_reactive(ScrollView.virtual_size, size)
            # Its place follows, and only both together tell whether it looks different.
            self.vertical_scrollbar.set_reactive(ScrollBar.window_virtual_size, size.height)
            self.scroll_y = self.validate_scroll_y(self.scroll_y)
        else:
            self.virtual_size = size

    _measured = Size()
    _end = (0, 0)  # the place from which on the last lines just fill the view

    def _redraw(self) -> None:
        """Draw the text anew, and not what frames it, which would be a third of all bytes that go over ssh."""
        self._layout = None
        self.refresh(self.scrollable_size.region)

    def _in_view(self) -> list[Piece]:
        if self._layout is None:
            height, top = self.scrollable_size.height, self.scroll_offset.y
            self._layout = self._painter.from_top(top, self._wrap_width, height, self._skipped)
        return self._layout

    @property
    def margin_width(self) -> int:
        """Cells at the left of each line for what is told of it."""
        return 0

    def margin(self, row: int) -> list[Segment]:
        """What is told of a row at its left."""
        return []

    @property
    def _width(self) -> int:
        return max(1, self.scrollable_size.width - self.margin_width)

    @property
    def _wrap_width(self) -> int:
        return self._width if self.wrap else 0

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painter.forget()

    def render_lines(self, crop: Region) -> list[Strip]:
        """All lines of the widget at once, which is several times as quick as each through the cache of styles."""
        base, background, filters = self.rich_style, self.background_colors[1], self.get_line_filters()
        strips = []
        for y in crop.line_range:
            strip = self._drawn(y - self.gutter.top, base)
            for line_filter in filters:
                strip = strip.apply_filter(line_filter, background)
            strips.append(strip)
        whole = crop.column_span == (0, self.size.width + self.gutter.width)
        return strips if whole else [strip.crop(*crop.column_span) for strip in strips]

    def _drawn(self, y: int, base: Style) -> Strip:
        """A line of the screen with the gaps at its sides."""
        gap, layout = " " * self.gutter.left, self._in_view()
        width = self.size.width + self.gutter.right
        if not 0 <= y < len(layout):
            words = f"  {self.empty}" if not self.count and y == 1 else ""
            return Strip([Segment(gap + words, base + self.tone("dim"))]).adjust_cell_length(width + len(gap), base)
        row, text = layout[y]
        if not self.margin_width and not text.spans and text.plain.isascii():
            words = text.plain[self._left : self._left + self._width]
            return Strip([Segment(f"{gap}{words:<{width}}", base)], width + len(gap))
        first = (y == 0 and not self._skipped) or (y > 0 and layout[y - 1][0] != row)
        told = self.margin(row) if first and self.margin_width else []
        left = Strip([Segment(gap, base), *told]).adjust_cell_length(len(gap) + self.margin_width, base)
        strip = Strip(segments(text, base)).crop(self._left, self._left + self._width)
        return Strip.join([left, strip]).adjust_cell_length(width + len(gap), base)
