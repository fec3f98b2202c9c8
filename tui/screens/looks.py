"""What can be done with a file in view: rows come as they are looked at, tables are sorted, trees unfolded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from textual import on
from textual.timer import Timer

from engine.look.tree import Node, Place
from engine.look.view import Arrangement
from tui import search
from tui.pages import Found, Page, Preview
from tui.screens.filelook import FileLook
from tui.screens.texts import TextActs
from tui.services import peek
from tui.widgets.entry import Typed
from tui.widgets.paged import Paged
from tui.widgets.table import Table
from tui.widgets.tree import Tree

AGAIN_S = 0.25  # between two looks at how far a long table has been read
REST_S = 0.12


class LookActs(TextActs, inherit_bindings=False):
    """A screen with a look into a file."""

    _waits: dict[str, Timer]

    def __init__(self) -> None:
        super().__init__()
        self._waits = {}

    @property
    def file_look(self) -> FileLook:
        """Where the file is seen."""
        return self.query_one(FileLook)

    def asked_of(self, what: str, name: str) -> Callable[..., Any]:
        """A service that answers about a file by its name here: preview, rows, facts, below or find."""
        raise NotImplementedError

    def in_view(self) -> bool:
        """Whether the file can be seen."""
        return True

    @property
    def folds(self) -> bool:
        """Whether a table or a tree is in view, in which one filters or searches otherwise than in a text."""
        return self.in_view() and self.file_look.kind in ("table", "json")

    @property
    def folded(self) -> Table | None:
        """The table or the tree in view."""
        return {"table": self.file_look.table, "json": self.file_look.document}.get(self.file_kind)

    @property
    def file_kind(self) -> str:
        """Of the file in view, if one is: text, json, table, picture."""
        return self.file_look.kind if self.in_view() else ""

    @property
    def looked_for(self) -> tuple[int, int]:
        """How many lines can be searched, and in how many something was found."""
        return (self.file_look.lines, len(self.file_look.document.found)) if self.folds else (0, 0)

    def open_file(self) -> None:
        """Go into the preview; in a tree, unfold what is under the cursor."""
        if self.focused is self.file_look.document:
            self.file_look.document.toggle()
        else:
            self.set_focus(self.file_look.preview)

    def on_unmount(self) -> None:
        peek.close()

    def _after(self, name: str, seconds: float, do: partial[None]) -> None:
        """Do something a little later, and only the newest of a name."""
        if name in self._waits:
            self._waits[name].stop()
        self._waits[name] = self.set_timer(seconds, do)

    # --- looks ---------------------------------------------------------------------------------------------------

    def look_into(self, name: str, width: int, height: int) -> None:
        """Show what is in a file, in so many cells."""
        self.work("reading the file", partial(self.asked_of("preview", name), width, height),
                  partial(self._show_preview, name))  # fmt: skip

    def _show_preview(self, name: str, found: Preview) -> None:
        self.file_look.show_preview(name, found, spoken=self.lab.options.plain)
        if found.page is not None:
            self._read_on(name, found.page)
            self._ask_facts(name, found.page.arranged, 0)

    @on(Paged.Wanted, "#preview-table")
    def _rows_wanted(self, message: Paged.Wanted) -> None:
        if not isinstance(message, Paged.ColumnMoved):
            self._read(self.file_look.file, message.paged.arranged, message.first, message.count, message.around)

    def _read(self, name: str, arranged: Arrangement, first: int, count: int, around: int) -> None:
        column = -1 if arranged.column is None else arranged.column
        read = partial(self.asked_of("rows", name), arranged.filter, column,
                       arranged.reverse, first, count, around)  # fmt: skip
        self.work("reading rows", read, partial(self._take, name))

    def _take(self, name: str, page: Page | None) -> None:
        if page is not None and name == self.file_look.file:
            self.file_look.take_page(page)
            self._read_on(name, page)

    def _read_on(self, name: str, page: Page) -> None:
        """As long as a table is not known to its end, look how far it is now."""
        if not page.complete:
            first, count = page.first, max(1, len(page.rows))
            self._after("read on", AGAIN_S, partial(self._read, name, page.arranged, first, count, -1))

    @on(Paged.ColumnMoved, "#preview-table")
    def _column_moved(self, message: Paged.ColumnMoved) -> None:
        self._ask_facts(self.file_look.file, message.paged.arranged, message.paged.column)

    def _ask_facts(self, name: str, arranged: Arrangement, column: int) -> None:
        read = partial(self.asked_of("facts", name), arranged.filter, column)
        self._after("facts", REST_S, partial(self.work, "looking at the column", read, partial(self._tell, name)))

    def _tell(self, name: str, words: str) -> None:
        if words and name == self.file_look.file:
            self.file_look.tell_facts(words)

    # --- trees ---------------------------------------------------------------------------------------------------

    @on(Tree.Unfolded)
    def _unfold(self, message: Tree.Unfolded) -> None:
        name = self.file_look.file
        read = partial(_below, self, name, message.places)
        self.work("unfolding", read, partial(self._unfolded, name))

    def _unfolded(self, name: str, found: dict[Place, Sequence[Node]]) -> None:
        if name == self.file_look.file:
            for place, nodes in found.items():
                self.file_look.document.take(place, nodes)

    def do_unfold_all(self) -> None:
        self.file_look.document.unfold_more()

    # --- filtering and finding -----------------------------------------------------------------------------------

    def search_for(self, asked: str) -> None:
        if not self.folds:
            super().search_for(asked)
            return
        self.searched = search.compiled(asked)
        table = self.file_look.table
        if self.file_look.kind == "table":
            table.rearrange(replace(table.arranged, filter=asked.strip()))
        elif asked:
            look = partial(self.asked_of("find", self.file_look.file), asked)
            self.work("finding", look, self._show_found)
        else:
            self._show_found(Found())

    def _show_found(self, found: Found) -> None:
        self.file_look.document.show_found(found.places)
        self.file_look.tell(f"{len(found.places):,} found" if self.searched is not None else "")

    def typed(self, line: Typed) -> None:
        super().typed(line)
        if self.folds and line.id == "search":
            self.set_focus(self.file_look.preview)

    def do_next_match(self) -> None:
        self._next_found(1)

    def do_previous_match(self) -> None:
        self._next_found(-1)

    def _next_found(self, step: int) -> None:
        if self.folds:
            self.file_look.document.next_found(step)
        elif step > 0:
            super().do_next_match()
        else:
            super().do_previous_match()

    # --- order ---------------------------------------------------------------------------------------------------

    def do_sort_column(self) -> None:
        self.file_look.table.sort()

    def do_reverse_column(self) -> None:
        self.file_look.table.reverse_order()

    @on(Paged.Titled, "#preview-table")
    def _titled(self, message: Paged.Titled) -> None:
        self.file_look.table.go_to_column(int(message.key))
        self.file_look.table.sort()


def _below(screen: LookActs, name: str, places: Sequence[Place]) -> dict[Place, Sequence[Node]]:
    """What is below several places; asked one by one, as a recording keeps them."""
    ask = screen.asked_of("below", name)
    return {place: screen.ask(partial(ask, place)) for place in places}
