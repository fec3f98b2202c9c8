"""Pick a run out of a list with a filter."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from tui import cells
from tui.entries import Entry
from tui.filter import compiled
from tui.screens.dialog import Dialog
from tui.widgets.columns import Column
from tui.widgets.entry import Line
from tui.widgets.table import Table
from tui.widgets.tones import Cell

COLUMNS = (
    Column("state", "state", 11),
    Column("job", "job", 8, keep=5),
    Column("name", "run", 14, flex=2),
    Column("result", "result", 13, flex=1, keep=7),
    Column("id", "id", 30, keep=4),
)
MOVES = {"down": 1, "up": -1, "pagedown": 8, "pageup": -8, "tab": 1, "shift+tab": -1}


class PickRun(Dialog[str], inherit_bindings=False):
    """Answers with the id of a run; empty where none was chosen."""

    def __init__(self, entries: Sequence[Entry], now: float) -> None:
        super().__init__()
        self._now = now
        self._entries = {entry.id: entry for entry in entries}

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield Line(placeholder="words  state:done  job:finetune  tag:gold  this|that")
            yield Table(COLUMNS, empty="no such run")

    def on_mount(self) -> None:
        self._show()

    @on(Input.Changed)
    def _show(self) -> None:
        wanted = compiled(self.query_one(Line).value)
        fitting = [run_id for run_id, entry in self._entries.items() if wanted.fits(entry.fields(self._now))]
        self.query_one(Table).show(fitting, self._cells)

    def _cells(self, run_id: str) -> Sequence[Cell]:
        entry = self._entries[run_id]
        job, name = Cell(entry.job, "dim"), Cell(run_id, "dim")
        return cells.state(entry), job, cells.name(entry), cells.result(entry), name

    @on(Input.Submitted)
    def _chosen(self) -> None:
        self.answer(self.query_one(Table).rows.key)

    @on(Table.Opened)
    def _clicked(self, message: Table.Opened) -> None:
        self.answer(message.key)

    def on_key(self, event: events.Key) -> None:
        if event.key in MOVES:
            self.query_one(Table).move(MOVES[event.key])
        elif event.key == "escape":
            self.answer("")
        else:
            return
        event.stop()
