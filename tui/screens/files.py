"""What a run has made: a list with sizes and hashes, and a look into the file under the cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer

from engine.words import size
from tui.screens.filelook import FileLook
from tui.widgets.columns import Column
from tui.widgets.table import Table
from tui.widgets.tones import Cell

COLUMNS = (
    Column("name", "file", 16, flex=2),
    Column("size", "size", 9, keep=8, right=True),
    Column("hash", "sha256", 8, keep=6),
    Column("about", "about", 12, flex=3, keep=7),
)
REST_S = 0.08  # how long the cursor has to rest on a file before it is looked into


class FilesPane(Horizontal):
    """The list, and the preview beside or below it."""

    class Wanted(Message):
        """The preview of a file is wanted, of so many cells."""

        def __init__(self, name: str, width: int, height: int) -> None:
            super().__init__()
            self.name, self.width, self.height = name, width, height

    _resting: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Table(COLUMNS, empty="nothing yet", id="files-list")
        yield FileLook(id="files-preview")

    @property
    def look(self) -> FileLook:
        return self.query_one(FileLook)

    @property
    def list(self) -> Table:
        return self.query_one("#files-list", Table)

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
        room = self.look.size
        if self.list.rows.key and room.width:
            self.post_message(self.Wanted(self.list.rows.key, room.width - 2, room.height - 2))


def _cells(entry: Mapping[str, Any]) -> tuple[Cell, ...]:
    return (
        Cell(entry["name"]), Cell(size(entry["size_bytes"]), "dim"), Cell(entry["sha256"][:8], "dim"),
        Cell(entry["about"], "dim"),
    )  # fmt: skip
