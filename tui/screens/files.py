"""What a run has made: a list with sizes and hashes, and a look into the file under the cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from engine.words import size
from tui.format import several
from tui.pages import Page, Preview
from tui.widgets.columns import Column
from tui.widgets.lines import LineView
from tui.widgets.paged import Paged
from tui.widgets.paint import plain
from tui.widgets.painter import TextLines
from tui.widgets.picture import Picture
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.tree import Tree
from tui.widgets.words import Words

COLUMNS = (
    Column("name", "file", 16, flex=2),
    Column("size", "size", 9, keep=8, right=True),
    Column("hash", "sha256", 8, keep=6),
    Column("about", "about", 12, flex=3, keep=7),
)
REST_S = 0.08  # how long the cursor has to rest on a file before it is looked into
SHOWN = {"text": "preview-text", "json": "preview-tree", "table": "preview-table", "picture": "preview-picture"}


class FilesPane(Horizontal):
    """The list, and the preview beside or below it."""

    class Wanted(Message):
        """The preview of a file is wanted, of so many cells."""

        def __init__(self, name: str, width: int, height: int) -> None:
            super().__init__()
            self.name, self.width, self.height = name, width, height

    kind = ""  # of what is shown
    file = ""
    _resting: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Table(COLUMNS, empty="nothing yet", id="files-list")
        with Vertical(id="files-preview"):
            yield Words(id="preview-words")
            yield LineView(id="preview-text")
            yield Paged(id="preview-table")
            yield Tree(id="preview-tree")
            yield Picture(id="preview-picture")
            yield Words(id="preview-facts")

    @property
    def list(self) -> Table:
        return self.query_one("#files-list", Table)

    @property
    def table(self) -> Paged:
        return self.query_one("#preview-table", Paged)

    @property
    def document(self) -> Tree:
        return self.query_one("#preview-tree", Tree)

    @property
    def preview(self) -> Widget | None:
        """What shows the file, where it can be moved in."""
        return self.query_one(f"#{SHOWN[self.kind]}") if self.kind in ("text", "json", "table") else None

    @property
    def lines(self) -> int:
        """How much there is in the table or the tree in view that can be looked for."""
        found = {"table": self.table, "json": self.document}.get(self.kind)
        return (found.page_of_now.of if isinstance(found, Paged) and found.page_of_now else len(found.rows.keys)
                ) if found is not None else 0  # fmt: skip

    def show(self, artifacts: Sequence[Mapping[str, Any]], empty: str) -> None:
        """Show these files."""
        rows = {entry["name"]: _cells(entry) for entry in artifacts}
        self.list.show([*rows], rows.__getitem__, empty=empty)

    # --- looking into one ----------------------------------------------------------------------------------------

    def ask_soon(self) -> None:
        """Ask for a preview when the cursor has come to rest."""
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST_S, self.ask)

    def ask(self) -> None:
        """Ask for a preview of the file under the cursor."""
        box = self.query_one("#files-preview")
        if self.list.rows.key and box.size.width:
            self.post_message(self.Wanted(self.list.rows.key, box.size.width - 2, box.size.height - 2))

    def show_preview(self, name: str, preview: Preview, *, spoken: bool = False) -> None:
        """Show what is in a file; where it is `spoken`, pictures are words alone."""
        if spoken and preview.kind == "picture":
            preview = Preview("text", text=preview.words)
        self.file, self.kind = name, preview.kind
        self.tell(preview.words)
        self.tell_facts("")
        for kind, widget in SHOWN.items():
            self.query_one(f"#{widget}").display = kind == self.kind
        self.query_one("#preview-facts").display = self.kind == "table"
        self.query_one("#preview-text", LineView).show(TextLines(preview.text), paint=plain)
        if preview.pixels is not None:
            self.query_one(Picture).show(preview.pixels.data, preview.pixels.width)
        if preview.page is not None:
            self.table.begin(preview.page)
            self.tell_page(preview.page)
        if preview.nodes:
            self.document.begin(preview.nodes)

    def take_page(self, page: Page) -> None:
        """Rows of the table have come."""
        self.table.take(page)
        self.tell_page(page)

    def tell_page(self, page: Page) -> None:
        """How many rows there are, and how they are arranged."""
        more = "" if page.complete else " and more, still reading"
        arranged = page.arranged
        fitting = f"{page.count:,} of " if arranged.filter else ""
        parts = [f"{fitting}{several(page.of, 'row')}{more}, {several(len(page.columns), 'column')}"]
        parts += [f"/{arranged.filter}"] if arranged.filter else []
        parts += [f"passes over {page.fault}"] if page.fault else []
        self.tell(" · ".join(parts))

    def tell(self, words: str) -> None:
        """Say something of the file."""
        self.query_one("#preview-words", Words).show(f"{self.file}  {words}".rstrip())

    def tell_facts(self, words: str) -> None:
        """Say what is known of the column under the cursor."""
        self.query_one("#preview-facts", Words).show(words)


def _cells(entry: Mapping[str, Any]) -> tuple[Cell, ...]:
    return (
        Cell(entry["name"]), Cell(size(entry["size_bytes"]), "dim"), Cell(entry["sha256"][:8], "dim"),
        Cell(entry["about"], "dim"),
    )  # fmt: skip
