"""A table of any length that is given its rows page by page, as they come into view; with a cursor for columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import overload

from textual.message import Message

from engine.look.view import Arrangement, floats
from tui.pages import Page
from tui.widgets.columns import Column
from tui.widgets.table import Table
from tui.widgets.tones import Cell

WIDEST, NARROWEST = 24, 5
WIDE = 60
KEPT = 5000  # rows that are kept
BLANK = Cell("")


class Places(Sequence[str]):
    """The keys of so many rows, by their places, without keeping any of them."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...

    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        places = range(self._count)[place]
        return str(places) if isinstance(places, int) else [str(one) for one in places]


class Paged(Table, inherit_bindings=False):
    """Shows the rows that it has, and says which ones it lacks."""

    class Wanted(Message):
        """Rows are wanted: from a place on, or around a row of the file, in such an arrangement."""

        def __init__(self, paged: Paged, first: int, count: int, around: int = -1) -> None:
            super().__init__()
            self.paged, self.first, self.count, self.around = paged, first, count, around

        @property
        def control(self) -> Paged:
            return self.paged

    class ColumnMoved(Wanted):
        """The cursor is on another column, or the rows that fit are others."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__((), empty="reading", id=id)
        self.arranged = Arrangement()
        self.page_of_now: Page | None = None
        self._rows: dict[int, tuple[tuple[str, ...], int]] = {}  # by place: cells, and the number in the file
        self._asked: range | None = None

    @property
    def known_columns(self) -> tuple[str, ...]:
        return self.page_of_now.columns if self.page_of_now is not None else ()

    # --- pages ---------------------------------------------------------------------------------------------------

    def begin(self, page: Page) -> None:
        """Another table: this is its first page."""
        self._rows, self.arranged, self.rows.cursor = {}, page.arranged, 0
        columns = [_column(place, label, [row[place] for row in page.rows]) for place, label in enumerate(page.columns)]
        self.column = 0
        self.scroll_to(y=0, animate=False, force=True)
        self.choose(columns, self._cells_at)
        self.take(page)

    def take(self, page: Page) -> None:
        """Some rows; those of an arrangement that is not wanted any more are passed over."""
        if page.arranged != self.arranged:
            return
        if page.place >= 0 or len(self._rows) > KEPT:
            self._rows.clear()
        self._rows |= {page.first + at: pair for at, pair in enumerate(zip(page.rows, page.numbers, strict=True))}
        self.page_of_now, self._asked = page, None
        self._widen(page)
        none = "no row fits; esc shows all" if page.of else "no rows"
        self.show(Places(page.count), self._cells_at, empty=none)
        if page.place >= 0:
            self.go(page.place)
            self.refresh()
        self._ask()

    def _widen(self, page: Page) -> None:
        """Make room for what is wider than all before; numbers above all are worth nothing when they are cut."""
        columns = [_column(place, label, [row[place] for row in page.rows]) for place, label in enumerate(page.columns)]
        wider = [new if new.width > old.width else old for new, old in zip(columns, self.columns, strict=True)]
        if tuple(wider) != self.columns:
            self.columns = tuple(replace(new, right=old.right) for new, old in zip(wider, self.columns, strict=True))
            self.on_resize()

    def rearrange(self, arranged: Arrangement) -> None:
        """Ask for another arrangement; the cursor stays on its row."""
        number = self._rows.get(self.rows.cursor, ((), 0))[1]
        self.arranged = arranged
        self.order("" if arranged.column is None else str(arranged.column), arranged.reverse)
        self.post_message(self.Wanted(self, 0, self._page, number))
        self.post_message(self.ColumnMoved(self, 0, 0))

    def sort(self) -> None:
        """Sort by the column under the cursor; once more the other way round, and then as in the file."""
        column, reverse = self.arranged.column, self.arranged.reverse
        if column != self.column:
            self.rearrange(replace(self.arranged, column=self.column, reverse=False))
        elif not reverse:
            self.rearrange(replace(self.arranged, reverse=True))
        else:
            self.rearrange(replace(self.arranged, column=None, reverse=False))

    def reverse_order(self) -> None:
        """The other way round."""
        if self.arranged.column is not None:
            self.rearrange(replace(self.arranged, reverse=not self.arranged.reverse))

    def go_to_column(self, index: int) -> None:
        super().go_to_column(index)
        self.post_message(self.ColumnMoved(self, 0, 0))

    # --- what is lacking -----------------------------------------------------------------------------------------

    @property
    def _page(self) -> int:
        return max(60, 3 * self._visible)

    def _cells_at(self, key: str) -> Sequence[Cell]:
        found = self._rows.get(int(key))
        return [Cell(text) for text in found[0]] if found is not None else [BLANK] * len(self.columns)

    def _ask(self) -> None:
        """Ask for the rows in view that are not there, and some around them."""
        if all(place in self._rows for place in self._in_view):
            return
        first = max(0, self.scroll_offset.y - self._visible)
        wanted = range(first, first + self._page)
        if wanted != self._asked:
            self._asked = wanted
            self.post_message(self.Wanted(self, first, len(wanted)))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._ask()

    def on_resize(self) -> None:
        super().on_resize()
        self._ask()


def _column(place: int, label: str, values: Sequence[str]) -> Column:
    """As wide as what stands in its first rows; numbers to the right."""
    content = max([len(label) + 3, *(len(value) for value in values)])  # an arrow and brackets
    width = max(NARROWEST, min(content, WIDEST))
    return Column(
        str(place), label, width, right=floats(values) is not None, most=max(width, min(content, WIDE)), fixed=True
    )
