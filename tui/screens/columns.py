"""Which columns a table has, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tui.screens.dialog import Dialog
from tui.widgets.columns import Column
from tui.widgets.table import Table
from tui.widgets.tones import Cell

COLUMNS = (Column("shown", "", 3), Column("name", "column", 14, most=34), Column("about", "what it is", 20, flex=1))
STEPS = {"j": 1, "down": 1, "k": -1, "up": -1, "pagedown": 8, "ctrl+d": 8, "pageup": -8, "ctrl+u": -8}
SHIFTS = {"J": 1, "shift+down": 1, "K": -1, "shift+up": -1}


@dataclass(frozen=True)
class Offer:
    """A column that there can be."""

    key: str
    label: str
    about: str = ""


class Columns(Dialog[tuple[str, ...] | None], inherit_bindings=False):
    """Answers with the keys of the columns that are wanted, in their order; None where all stays as it was."""

    def __init__(self, offers: Sequence[Offer], shown: Sequence[str]) -> None:
        super().__init__()
        self._offers = {offer.key: offer for offer in offers}
        self._order, self._shown = list(self._offers), set(shown)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide tall"):
            yield Static("Columns", classes="title", markup=False)
            yield Table(COLUMNS, id="columns")
            hint = "space: show or hide   J K: move   enter: keep   esc: leave as it was"
            yield Static(hint, classes="hint", markup=False)

    @property
    def _table(self) -> Table:
        return self.query_one(Table)

    def on_mount(self) -> None:
        self._show()
        self._table.focus()

    def _show(self) -> None:
        self._table.show(list(self._order), self._cells)

    def _cells(self, key: str) -> tuple[Cell, ...]:
        offer, shown = self._offers[key], key in self._shown
        return Cell("[x]" if shown else "[ ]", "accent"), Cell(offer.label, "" if shown else "dim"), Cell(
            offer.about, "dim")  # fmt: skip

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key in STEPS:
            self._table.move(STEPS[event.key])
        elif event.key in SHIFTS:
            self._shift(SHIFTS[event.key])
        elif event.key in ("g", "home", "G", "end"):
            self._table.edge(event.key in ("G", "end"))
        elif event.key == "space":
            self._toggle(self._table.rows.key)
        elif event.key == "enter":
            self.answer(tuple(key for key in self._order if key in self._shown) or None)
        elif event.key in ("escape", "q"):
            self.answer(None)

    def _toggle(self, key: str) -> None:
        self._shown ^= {key}
        self._show()

    def _shift(self, step: int) -> None:
        """Move the column under the cursor; the cursor goes with it."""
        place = self._table.rows.cursor
        target = place + step
        if 0 <= target < len(self._order):
            self._order[place], self._order[target] = self._order[target], self._order[place]
            self._show()

    @on(Table.Opened)
    def _clicked(self, message: Table.Opened) -> None:
        self._toggle(message.key)
