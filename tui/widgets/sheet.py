"""How a table is drawn: a header that stays, and of its rows those that are in view, line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from tui.widgets.columns import GAP, Column, drawn, fit, padded, wide
from tui.widgets.quietbar import QuietlyScrolled
from tui.widgets.rows import Rows
from tui.widgets.tones import Cell, Toned

GUTTER = 2
Cells = Callable[[str], Sequence[Cell]]
Drawing = tuple[Sequence[Cell], bool, bool]  # cells, whether the cursor is there, whether it is marked


class Sheet(QuietlyScrolled, Toned, inherit_bindings=False):
    """Rows that are asked for their cells only while they are in view."""

    COMPONENT_CLASSES = {  # noqa: RUF012 (Textual reads it so)
        "table--header", "table--column", "table--cursor", "table--cursor-away",
    }  # fmt: skip

    HEADER = 1  # lines above the rows

    def __init__(self, columns: Sequence[Column], empty: str, id: str | None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.columns, self.empty = tuple(columns), empty
        self.rows = Rows()
        self.sorted_by, self.reverse = "", False
        self.column = -1  # the column under the cursor, in a table that has a cursor for columns
        self._fit: list[tuple[int, int]] = []
        self._first = 0  # columns behind the first one that are out of view
        self._content = [0] * len(self.columns)  # the widest that was in view of each
        self._cells: Cells = lambda _key: ()
        self._drawn: dict[int, Drawing] = {}

    # --- what is in view -----------------------------------------------------------------------------------------

    @property
    def _visible(self) -> int:
        return max(0, self.scrollable_size.height - self.HEADER)

    @property
    def _in_view(self) -> range:
        top = self.scroll_offset.y
        return range(top, min(top + self._visible, len(self.rows.keys)))

    @property
    def shown(self) -> list[str]:
        """The keys of the columns for which there is room."""
        return [self.columns[index].key for index, _ in self._fit]

    def _resize(self) -> None:
        self.virtual_size = Size(self.scrollable_size.width, len(self.rows.keys) + self.HEADER)

    def _measure(self) -> bool:
        """See how wide the columns in view could be; whether they share the width otherwise now.

        They never become narrower again, so that nothing jumps to and fro while rows come and go.
        """
        for place in self._in_view:
            for index, cell in enumerate(self._cells(self.rows.keys[place])):
                length = wide(cell.text) if cell.part is None else self.columns[index].width
                self._content[index] = max(self._content[index], length, 1)
        return self._arrange()

    def _arrange(self) -> bool:
        """Share the width among the columns; whether that is otherwise than before."""
        before, shown = self._fit, [0, *range(1 + self._first, len(self.columns))] if self.columns else []
        columns, content = [self.columns[index] for index in shown], [self._content[index] for index in shown]
        found = fit(columns, self.scrollable_size.width - GUTTER, content)
        self._fit = [(shown[index], width) for index, width in found]
        return self._fit != before

    def _drawing(self, place: int) -> Drawing | None:
        """All that a row's line depends on; None where there is no row."""
        if not 0 <= place < len(self.rows.keys):
            return None
        key = self.rows.keys[place]
        return self._cells(key), place == self.rows.cursor, key in self.rows.marks

    def _differing(self) -> list[int]:
        """The places in view that do not stand on the screen as they are."""
        top = self.scroll_offset.y
        return [place for place in range(top, top + self._visible) if self._drawn.get(place) != self._drawing(place)]

    def _refresh(self, *places: int) -> None:
        lines = (place - self.scroll_offset.y + self.HEADER for place in places)
        width, height = self.scrollable_size
        regions = [Region(0, y, width, 1) for y in lines if self.HEADER <= y < height]
        if regions:
            self.refresh(*regions)

    def _column_at(self, x: int) -> int | None:
        """Which column is at so many cells from the left."""
        end = GUTTER
        for index, width in self._fit:
            end += width + GAP
            if GUTTER <= x < end:
                return index
        return None

    # --- drawing -------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        if self.rows.keys and y < self.HEADER:
            return self._header()
        place = self.scroll_offset.y + y - self.HEADER
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
        here = style + self.get_component_rich_style("table--column", partial=True)
        cells = [Cell(self._title(index, width)) for index, width in self._fit]
        return self._line("  ", cells, style, [here if index == self.column else style for index, _ in self._fit])

    def _title(self, index: int, width: int) -> str:
        """What stands above a column: of a long name the end is cut, and never the arrow or the brackets."""
        column = self.columns[index]
        arrow = ("▼" if self.reverse else "▲") if column.key == self.sorted_by else ""
        left, right = ("[", "]") if index == self.column else ("", "")
        room = width - len(arrow) - len(left) - len(right)
        title = column.title if cell_len(column.title) <= room else padded(column.title, max(0, room), False)
        return f"{left}{title}{arrow}{right}"

    def _row(self, drawing: Drawing) -> Strip:
        cells, at_cursor, marked = drawing
        style = self.rich_style
        if at_cursor:
            name = "table--cursor" if self.has_focus else "table--cursor-away"
            style += self.get_component_rich_style(name, partial=True)
        gutter = ("▌" if at_cursor and self.has_focus else " ") + ("*" if marked else " ")
        return self._line(gutter, [cells[index] for index, _ in self._fit], style)

    def _line(self, gutter: str, cells: Sequence[Cell], style: Style, styles: Sequence[Style] = ()) -> Strip:
        segments = [Segment(gutter, style + self.tone("accent"))]
        own = styles or [style] * len(cells)
        for (index, width), cell, cell_style in zip(self._fit, cells, own, strict=True):
            # The gap has no style of its own: each change of style costs twenty bytes on the wire.
            text = drawn(cell, width, self.columns[index].right) + " " * GAP
            segments.append(Segment(text, cell_style + self.tone(cell.tone)))
        return Strip(segments).adjust_cell_length(self.scrollable_size.width, style).simplify()
