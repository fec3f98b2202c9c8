"""Pick one out of a short list, by typing a part of it or by moving."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui.screens.dialog import Dialog
from tui.widgets.columns import Column
from tui.widgets.entry import Line
from tui.widgets.table import Table
from tui.widgets.tones import Cell

COLUMNS = (Column("words", "", 20, flex=1),)
STEPS = {"down": 1, "up": -1, "pagedown": 8, "pageup": -8, "tab": 1, "shift+tab": -1}


class PickOne(Dialog[str], inherit_bindings=False):
    """Answers with the key of what was chosen; empty where nothing was."""

    def __init__(self, title: str, items: Mapping[str, str]) -> None:
        super().__init__()
        self._title, self._items = title, items

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog high"):
            yield Static(self._title, classes="title", markup=False)
            yield Line(placeholder="a part of it")
            yield Table(COLUMNS, empty="no such thing")

    def on_mount(self) -> None:
        self._show()

    @on(Input.Changed)
    def _show(self) -> None:
        wanted = self.query_one(Line).value.casefold().split()
        fitting = [key for key, words in self._items.items() if all(word in words.casefold() for word in wanted)]
        self.query_one(Table).show(fitting, lambda key: (Cell(self._items[key]),))

    @on(Input.Submitted)
    def _chosen(self) -> None:
        if not self.too_small:
            self.answer(self.query_one(Table).rows.key)

    @on(Table.Opened)
    def _clicked(self, message: Table.Opened) -> None:
        self.answer(message.key)

    def on_key(self, event: events.Key) -> None:
        if event.key in STEPS:
            self.query_one(Table).move(STEPS[event.key])
        elif event.key == "escape":
            self.answer("")
        else:
            return
        event.stop()
