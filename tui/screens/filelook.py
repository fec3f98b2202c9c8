"""A look into one file: its text, its table, its folded document, its picture; and in words what it is."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from tui.format import several
from tui.pages import Page, Preview
from tui.widgets.lines import LineView
from tui.widgets.paged import Paged
from tui.widgets.paint import plain
from tui.widgets.painter import TextLines
from tui.widgets.picture import Picture
from tui.widgets.tree import Tree
from tui.widgets.words import Words

SHOWN = {"text": "preview-text", "json": "preview-tree", "table": "preview-table", "picture": "preview-picture"}


class FileLook(Vertical):
    """What is in one file, in whichever of its parts shows that best."""

    kind = ""  # of what is shown
    file = ""
    part = ""  # which part of it is seen

    def compose(self) -> ComposeResult:
        yield Words(id="preview-words")
        yield LineView(id="preview-text")
        yield Paged(id="preview-table")
        yield Tree(id="preview-tree")
        yield Picture(id="preview-picture")
        yield Words(id="preview-facts")

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

    def show_preview(self, name: str, preview: Preview, *, spoken: bool = False) -> None:
        """Show what is in a file; where it is `spoken`, pictures are words alone."""
        if spoken and preview.kind == "picture":
            preview = Preview("text", text=preview.words, part=preview.part)
        self.file, self.kind, self.part = name, preview.kind, preview.part
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
        said = " · ".join(filter(None, (words, self.part)))
        self.query_one("#preview-words", Words).show(f"{self.file}  {said}".rstrip())

    def tell_facts(self, words: str) -> None:
        """Say what is known of the column under the cursor."""
        self.query_one("#preview-facts", Words).show(words)
