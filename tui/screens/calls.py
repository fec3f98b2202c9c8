"""The command log: what went through the gate, newest first, with its time, how long it took and what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from engine.words import duration
from tui.screens.dialog import Reading
from tui.services.gate import Call
from tui.widgets.columns import Column
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

COLUMNS = (Column("at", "at", 8), Column("what", "command", 24, flex=1), Column("took", "took", 6, right=True))


class Calls(Reading, inherit_bindings=False):
    """The log as a table."""

    def __init__(self, calls: Sequence[Call], undos: Sequence[str], back: str) -> None:
        super().__init__()
        self._calls = list(calls)[::-1]
        self._undo = f"{back} takes back {undos[-1]}     " if undos else ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide high"):
            yield Static("Command log", classes="title", markup=False)
            yield Table(COLUMNS, empty="nothing was asked yet: each change is listed here, as the command that does it")
            yield Words(id="said")
            yield Static(f"{self._undo}j k: move     any other key: close", classes="hint", markup=False)

    def on_mount(self) -> None:
        rows = {str(place): _cells(call) for place, call in enumerate(self._calls)}
        self.query_one(Table).show(list(rows), rows.__getitem__)

    @on(Table.Moved)
    def _tell(self) -> None:
        call = self._calls[self.query_one(Table).rows.cursor]
        self.query_one("#said", Words).show(f"{call.what}\n{'✓' if call.ok else '✗'} {call.said.replace(chr(10), ' ')}")

    def through(self) -> Table:
        return self.query_one(Table)


def _cells(call: Call) -> tuple[Cell, ...]:
    at = time.strftime("%H:%M:%S", time.localtime(call.at))
    sign, tone = ("✓", "") if call.ok else ("✗", "bad")
    if call.look and call.ok:  # what was done stands out among what is only asked
        sign, tone = "·", "dim"
    return Cell(at, "dim"), Cell(f"{sign} {call.what}", tone), Cell(duration(call.seconds), "dim")
