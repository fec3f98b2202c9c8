"""A table: a refresh by key repaints only the lines that differ, and leaves cursor, marks and view on their rows."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.geometry import Region
from textual.message import Message

from tui.widgets.columns import Column
from tui.widgets.sheet import Cells, Sheet


class Table(Sheet, can_focus=True, inherit_bindings=False):
    """Rows under a header that stays; a row that is not in view costs nothing."""

    class Moved(Message):
        """The cursor is on another row or column."""

        def __init__(self, table: Table, key: str) -> None:
            super().__init__()
            self.table, self.key = table, key

        @property
        def control(self) -> Table:
            return self.table

    class Opened(Moved):
        """The row under the cursor was clicked."""

    class Titled(Moved):
        """The title of a column was clicked; `key` is that of the column."""

    def __init__(self, columns: Sequence[Column], *, empty: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(columns, empty, id)

    # --- what it is given ----------------------------------------------------------------------------------------

    def show(self, keys: Sequence[str], cells: Cells, *, empty: str | None = None) -> None:
        """Show these rows from now on; the cursor stays on its row, or on the nearest that remains.

        `cells` is asked for the rows in view alone, each time that they are shown or drawn.
        """
        there_before, key, top = bool(self.rows.keys), self.rows.key, self.scroll_offset.y
        moved = self.rows.replace(keys)
        self._cells = cells
        self._resize()
        if moved and (top or self.rows.cursor >= self._visible):  # at the top, what is new comes into view
            self.scroll_to(y=top + moved, animate=False, force=True)
        self._keep_in_view()
        words = self.empty if empty is None else empty
        scrolled, said, self.empty = self.scroll_offset.y != top, words != self.empty, words
        if self._measure() or scrolled or said or not (there_before and keys):
            self.refresh()
        else:
            self._refresh(*self._differing())
        if self.rows.key != key:
            self.post_message(self.Moved(self, self.rows.key))

    def choose(self, columns: Sequence[Column], cells: Cells) -> None:
        """Show other columns of the same rows."""
        self.columns, self._content, self._first = tuple(columns), [0] * len(columns), 0
        self._cells = cells
        self.column = min(self.column, len(columns) - 1)
        self.on_resize()

    def order(self, column: str, reverse: bool) -> None:
        """Say in the header by what the rows were sorted."""
        self.sorted_by, self.reverse = column, reverse
        self._refresh_header()

    def _refresh_header(self) -> None:
        self.refresh(Region(0, 0, self.scrollable_size.width, self.HEADER))

    # --- marks ---------------------------------------------------------------------------------------------------

    def mark(self) -> None:
        """Mark the row under the cursor or take its mark away, and go on to the next."""
        self.rows.toggle()
        self._refresh(self.rows.cursor)
        self.move(1)

    def mark_range(self) -> None:
        """Mark all from the row that was marked last to the cursor."""
        self.rows.mark_range()
        self._refresh(*self._differing())

    def mark_all(self) -> None:
        """Mark all rows, or none where all are marked."""
        self.rows.mark_all()
        self._refresh(*self._differing())

    # --- moving --------------------------------------------------------------------------------------------------

    def move(self, lines: int) -> None:
        self.go(self.rows.cursor + lines)

    def page(self, pages: int) -> None:
        self.go(self.rows.cursor + pages * max(1, self._visible - 1))

    def edge(self, bottom: bool) -> None:
        self.go(len(self.rows.keys) if bottom else 0)

    def sideways(self, cells: int) -> None:
        """To the next column or the one before, in a table with a cursor for columns; else begin with another one."""
        step = 1 if cells > 0 else -1
        if self.column >= 0:
            self.go_to_column(self.column + step)
            return
        more = bool(self._fit) and self._fit[-1][0] < len(self.columns) - 1
        self._first = max(0, self._first + (more if cells > 0 else -1))
        self.on_resize()

    def go_to_column(self, index: int) -> None:
        """Put the cursor on a column, and bring it into view."""
        self.column = max(0, min(index, len(self.columns) - 1))
        self._first = min(self._first, max(0, self.column - 1))
        self._arrange()
        while self._first < self.column - 1 and self._fit[-1][0] < self.column:
            self._first += 1
            self._arrange()
        self.refresh()
        self.post_message(self.Moved(self, self.rows.key))

    def go(self, place: int) -> None:
        """Put the cursor on a place, or as near to it as there are rows."""
        place = max(0, min(place, len(self.rows.keys) - 1))
        if place != self.rows.cursor:
            self._refresh(self.rows.cursor, place)
            self.rows.cursor = place
            self._keep_in_view()
            self.post_message(self.Moved(self, self.rows.key))

    def go_to(self, key: str) -> bool:
        """Put the cursor on a row by its key; whether it is there."""
        place = self.rows.places.get(key)
        if place is not None:
            self.go(place)
        return place is not None

    def _keep_in_view(self) -> None:
        top, cursor = round(self.scroll_target_y), self.rows.cursor
        if cursor < top:
            self.scroll_to(y=cursor, animate=False, force=True)
        elif cursor >= top + self._visible:
            self.scroll_to(y=cursor - self._visible + 1, animate=False, force=True)

    # --- what happens to it --------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        if event.y < self.HEADER:
            self._title_clicked(event.x)
            return
        place = self.scroll_offset.y + event.y - self.HEADER
        if place >= len(self.rows.keys):
            return
        if place == self.rows.cursor:
            self.post_message(self.Opened(self, self.rows.key))
        if self.column >= 0 and (column := self._column_at(event.x)) is not None:
            self.go_to_column(column)
        self.go(place)

    def _title_clicked(self, x: int) -> None:
        column = self._column_at(x)
        if column is not None and self.rows.keys:
            self.post_message(self.Titled(self, self.columns[column].key))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._drawn.clear()  # all lines are drawn again, and those that went out of view need not be remembered
        self._measure()

    def on_resize(self) -> None:
        self._measure()
        self._arrange()
        self._resize()
        self._keep_in_view()
        self.refresh()

    def on_focus(self) -> None:
        self._refresh(self.rows.cursor)

    def on_blur(self) -> None:
        self._refresh(self.rows.cursor)
