"""Choose which curves are drawn: a list with a filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from tui.filter import compiled
from tui.format import number
from tui.screens.dialog import Dialog
from tui.series import Series
from tui.widgets.columns import Column
from tui.widgets.entry import Line
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

COLUMNS = (
    Column("shown", "", 7),
    Column("name", "curve", 24, flex=1),
    Column("points", "points", 9, keep=7, right=True),
    Column("last", "last", 9, keep=8, right=True),
)
HINT = "enter shows or hides one · tab all that fit · ctrl+o only these · esc done"
MOVES = {"down": 1, "up": -1, "pagedown": 8, "pageup": -8}


class Choose(Dialog[frozenset[str]], inherit_bindings=False):
    """Answers with the names of the curves that are not drawn."""

    def __init__(self, curves: Mapping[str, Series], hidden: Iterable[str]) -> None:
        super().__init__()
        self._curves, self._hidden = curves, set(hidden)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide choose"):
            yield Line(placeholder="words  this|that  !not  /regex/  points>100")
            yield Table(COLUMNS, empty="no such curve")
            yield Words(HINT, classes="hint")

    def on_mount(self) -> None:
        self._show()

    @on(Input.Changed)
    def _show(self) -> None:
        wanted = compiled(self.query_one(Line).value)
        names = [name for name, series in self._curves.items() if wanted.fits(_fields(name, series))]
        self.query_one(Table).show(names, self._cells)

    def _cells(self, name: str) -> tuple[Cell, ...]:
        series, hidden = self._curves[name], name in self._hidden
        shown = Cell("hidden" if hidden else "✓ shown", "dim" if hidden else "good")
        return shown, Cell(name, "dim" if hidden else ""), Cell(f"{series.said:,}", "dim"), Cell(number(series.last))

    @on(Input.Submitted)
    @on(Table.Opened)
    def _one(self) -> None:
        if key := self.query_one(Table).rows.key:
            self._hidden ^= {key}
            self._show()

    def _all(self) -> None:
        """Hide all that fit; show them where all are hidden."""
        fitting = set(self.query_one(Table).rows.keys)
        self._hidden = self._hidden - fitting if fitting <= self._hidden else self._hidden | fitting
        self._show()

    def _only(self) -> None:
        self._hidden = set(self._curves) - set(self.query_one(Table).rows.keys)
        self._show()

    def on_key(self, event: events.Key) -> None:
        table = self.query_one(Table)
        if event.key in MOVES:
            table.move(MOVES[event.key])
        elif event.key == "tab":
            self._all()
        elif event.key == "ctrl+o":
            self._only()
        elif event.key == "escape":
            self.answer(frozenset(self._hidden & set(self._curves)))
        else:
            return
        event.stop()


def _fields(name: str, series: Series) -> dict[str, str | float]:
    return {"name": name, "points": float(series.said), "last": series.last}
