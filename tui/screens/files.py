"""What a run has made: a list with sizes and hashes, and a look into the file under the cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget

from engine.words import size
from tui.services.artifacts import Preview
from tui.widgets.columns import Column
from tui.widgets.lines import LineView
from tui.widgets.paint import json, plain
from tui.widgets.painter import TextLines
from tui.widgets.picture import Picture
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

COLUMNS = (
    Column("name", "file", 16, flex=2),
    Column("size", "size", 9, keep=8, right=True),
    Column("hash", "sha256", 8, keep=6),
    Column("about", "about", 12, flex=3, keep=7),
)
WIDEST = 40


class FilesPane(Horizontal):
    """The list, and the preview beside or below it."""

    class Wanted(Message):
        """The preview of a file is wanted, of so many cells."""

        def __init__(self, name: str, width: int, height: int) -> None:
            super().__init__()
            self.name, self.width, self.height = name, width, height

    def compose(self) -> ComposeResult:
        yield Table(COLUMNS, empty="nothing yet", id="files-list")
        with Vertical(id="files-preview"):
            yield Words(id="preview-words")
            yield LineView(id="preview-text")
            yield Picture(id="preview-picture")

    @property
    def table(self) -> Table:
        return self.query_one("#files-list", Table)

    @property
    def preview(self) -> Widget | None:
        """What shows the file, where it can be moved in."""
        found = [w for w in self.query("#preview-text, #preview-table").results(Widget) if w.display]
        return found[0] if found else None

    def show(self, artifacts: Sequence[Mapping[str, Any]], empty: str) -> None:
        """Show these files."""
        rows = {entry["name"]: _cells(entry) for entry in artifacts}
        self.table.show(list(rows), rows.__getitem__, empty=empty)

    def ask(self) -> None:
        """Ask for a preview of the file under the cursor."""
        box = self.query_one("#files-preview")
        if self.table.rows.key and box.size.width:
            self.post_message(self.Wanted(self.table.rows.key, box.size.width - 2, box.size.height - 2))

    async def show_preview(self, name: str, preview: Preview) -> None:
        """Show what is in a file."""
        about = f"  {preview.words}" if preview.words else ""
        self.query_one("#preview-words", Words).show(f"{name}{about}")
        text, picture = self.query_one("#preview-text", LineView), self.query_one("#preview-picture", Picture)
        text.display, picture.display = preview.kind in ("text", "json"), preview.kind == "picture"
        text.show(TextLines(preview.text), paint=json if preview.kind == "json" else plain)
        picture.show(preview.pixels)
        await self.query("#preview-table").remove()
        if preview.kind == "table":
            await self.query_one("#files-preview").mount(_table(preview))


def _cells(entry: Mapping[str, Any]) -> tuple[Cell, ...]:
    return (
        Cell(entry["name"]), Cell(size(entry["size_bytes"]), "dim"), Cell(entry["sha256"][:8], "dim"),
        Cell(entry["about"], "dim"),
    )  # fmt: skip


def _table(preview: Preview) -> Table:
    """Columns as wide as what stands in their first rows; numbers to the right."""
    columns = []
    for place, label in enumerate(preview.columns):
        values = [row[place] for row in preview.rows[:200]]
        width = min(WIDEST, max([len(label), *(len(value) for value in values)]))
        columns.append(Column(str(place), label, width, keep=9, right=bool(values) and all(map(_is_number, values))))
    table = Table(columns, empty="no rows", id="preview-table")
    numbers = [str(number) for number in range(len(preview.rows))]
    table.call_after_refresh(table.show, numbers, lambda key: [Cell(value) for value in preview.rows[int(key)]])
    return table


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text == ""
    return True
