"""A table drawn line by line: a refresh by key repaints only the lines that differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.columns import GAP, Column, drawn, fit, padded
from tui.widgets.rows import Rows
from tui.widgets.tones import Cell, Toned

HEADER = 1
GUTTER = 2
Cells = Callable[[str], Sequence[Cell]]
Drawing = tuple[Sequence[Cell], bool, bool]  # cells, whether the cursor is there, whether it is marked


class Table(ScrollView, Toned, can_focus=True, inherit_bindings=False):
    """Rows under a header that stays; a row that is not in view costs nothing."""

    COMPONENT_CLASSES = {"table--header", "table--cursor", "table--cursor-away"}  # noqa: RUF012 (Textual reads it so)

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, table: Table, key: str) -> None:
            super().__init__()
            self.table, self.key = table, key

        @property
        def control(self) -> Table:
            return self.table

    class Opened(Moved):
        """The row under the cursor was clicked."""

    def __init__(self, columns: Sequence[Column], *, empty: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.columns, self.empty = tuple(columns), empty
        self.rows = Rows()
        self.sorted_by, self.reverse = "", False
        self._fit: list[tuple[int, int]] = []
        self._first = 0  # columns behind the first one that are out of view
        self._cells: Cells = lambda _key: ()
        self._drawn: dict[int, Drawing] = {}

    # --- what it is given ----------------------------------------------------------------------------------------

    def show(self, keys: Sequence[str], cells: Cells, *, empty: str | None = None) -> None:
        """Show these rows from now on; the cursor stays on its row, or on what has come to its place.

        `cells` is asked for the rows in view alone, each time that they are shown or drawn.
        """
        there_before, key, top = bool(self.rows.keys), self.rows.key, self.scroll_offset.y
        moved = self.rows.replace(keys)
        self._cells = cells
        self._resize()
        if moved and (top or self.rows.cursor >= self._visible):  # at the top, what is new comes into view
            self.scroll_to(y=top + moved, animate=False, force=True)
        self._keep_in_view()
        if (empty is not None and empty != self.empty) or not (there_before and keys) or self.scroll_offset.y != top:
            self.empty = self.empty if empty is None else empty
            self.refresh()
        else:
            self._refresh(*self._differing())
        if self.rows.key != key:
            self.post_message(self.Moved(self, self.rows.key))

    def _differing(self) -> list[int]:
        """The places in view that do not stand on the screen as they are."""
        in_view = range(self.scroll_offset.y, self.scroll_offset.y + self._visible)
        return [place for place in in_view if self._drawn.get(place) != self._drawing(place)]

    def _drawing(self, place: int) -> Drawing | None:
        """All that a row's line depends on; None where there is no row."""
        if not 0 <= place < len(self.rows.keys):
            return None
        key = self.rows.keys[place]
        return self._cells(key), place == self.rows.cursor, key in self.rows.marks

    def order(self, column: str, reverse: bool) -> None:
        """Say in the header by what the rows were sorted."""
        self.sorted_by, self.reverse = column, reverse
        self.refresh(Region(0, 0, self.scrollable_size.width, HEADER))

    def mark(self) -> None:
        """Mark the row under the cursor or take its mark away, and go on to the next."""
        self.rows.toggle()
        self._refresh(self.rows.cursor)
        self.move(1)

    # --- moving --------------------------------------------------------------------------------------------------

    def move(self, lines: int) -> None:
        self.go(self.rows.cursor + lines)

    def page(self, pages: int) -> None:
        self.go(self.rows.cursor + pages * max(1, self._visible - 1))

    def edge(self, bottom: bool) -> None:
        self.go(len(self.rows.keys) if bottom else 0)

    def sideways(self, cells: int) -> None:
        """Begin with a later or an earlier column, where some have no room; the first one stays."""
        more = bool(self._fit) and self._fit[-1][0] < len(self.columns) - 1
        self._first = max(0, self._first + (more if cells > 0 else -1))
        self.on_resize()

    def go(self, place: int) -> None:
        """Put the cursor on a place, or as near to it as there are rows."""
        place = max(0, min(place, len(self.rows.keys) - 1))
        if place != self.rows.cursor:
            self._refresh(self.rows.cursor, place)
            self.rows.cursor = place
            self._keep_in_view()
            self.post_message(self.Moved(self, self.rows.key))

    def _keep_in_view(self) -> None:
        top, cursor = round(self.scroll_target_y), self.rows.cursor
        if cursor < top:
            self.scroll_to(y=cursor, animate=False, force=True)
        elif cursor >= top + self._visible:
            self.scroll_to(y=cursor - self._visible + 1, animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        place = self.scroll_offset.y + event.y - HEADER
        if event.y < HEADER or place >= len(self.rows.keys):
            return
        if place == self.rows.cursor:
            self.post_message(self.Opened(self, self.rows.key))
        self.go(place)

    # --- drawing -------------------------------------------------------------------------------------------------

    @property
    def _visible(self) -> int:
        return max(0, self.scrollable_size.height - HEADER)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._drawn.clear()  # all lines are drawn again, and those that went out of view need not be remembered

    def on_resize(self) -> None:
        shown = [0, *range(1 + self._first, len(self.columns))]
        found = fit([self.columns[index] for index in shown], self.scrollable_size.width - GUTTER)
        self._fit = [(shown[index], width) for index, width in found]
        self._resize()
        self._keep_in_view()
        self.refresh()

    def _resize(self) -> None:
        self.virtual_size = Size(self.scrollable_size.width, len(self.rows.keys) + HEADER)

    def on_focus(self) -> None:
        self._refresh(self.rows.cursor)

    def on_blur(self) -> None:
        self._refresh(self.rows.cursor)

    def _refresh(self, *places: int) -> None:
        lines = (place - self.scroll_offset.y + HEADER for place in places)
        regions = [
            Region(0, y, self.scrollable_size.width, 1) for y in lines if HEADER <= y < self.scrollable_size.height
        ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        if self.rows.keys and y < HEADER:
            return self._header()
        place = self.scroll_offset.y + y - HEADER
        drawing = self._drawing(place)
        if drawing is not None:
            self._drawn[place] = drawing
            return self._row(drawing)
        self._drawn.pop(place, None)
        words = f"  {self.empty}" if not self.rows.keys and y == min(1, self.scrollable_size.height - 1) else ""
        width = self.scrollable_size.width
        return Strip([Segment(padded(words, width, False), self.rich_style + self.tone("dim"))], width)

    def _header(self) -> Strip:
        style = self.rich_style + self.get_component_rich_style("table--header", partial=True)
        return self._line("  ", [Cell(self._label(self.columns[index])) for index, _ in self._fit], style)

    def _label(self, column: Column) -> str:
        arrow = ("▼" if self.reverse else "▲") if column.key == self.sorted_by else ""
        return column.label + arrow

    def _row(self, drawing: Drawing) -> Strip:
        cells, at_cursor, marked = drawing
        style = self.rich_style
        if at_cursor:
            name = "table--cursor" if self.has_focus else "table--cursor-away"
            style += self.get_component_rich_style(name, partial=True)
        gutter = ("▌" if at_cursor and self.has_focus else " ") + ("*" if marked else " ")
        return self._line(gutter, [cells[index] for index, _ in self._fit], style)

    def _line(self, gutter: str, cells: Sequence[Cell], style: Style) -> Strip:
        segments = [Segment(gutter, style + self.tone("accent"))]
        for (index, width), cell in zip(self._fit, cells, strict=True):
            # The gap has no style of its own: each change of style costs twenty bytes on the wire.
            text = drawn(cell, width, self.columns[index].right) + " " * GAP
            segments.append(Segment(text, style + self.tone(cell.tone)))
        return Strip(segments).adjust_cell_length(self.scrollable_size.width, style).simplify()
