"""The panes below the machines: all about one, its runs, what was done to it, what costs without use, and costs."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from tui import machining
from tui.machining import Rows
from tui.screens.tabbed import Panes
from tui.widgets.columns import Column
from tui.widgets.lines import LineView
from tui.widgets.paint import log, report
from tui.widgets.painter import TextLines
from tui.widgets.table import Table

READING = "asking for the machines"
TABLES: dict[str, tuple[Sequence[Column], str]] = {
    "runs": (machining.RUNS, "no run moves on it"),
    "acts": (machining.ACTS, "nobody has asked for anything yet"),
    "orphans": (machining.ORPHANS, "asking what costs without use"),
}
SERIAL = "serial"  # also what is said where it cannot be had


class MachinesPanes(Panes):
    """All panes, one of which is in view."""

    TABS = ("detail", *TABLES, "costs")
    WITHIN = {SERIAL: "detail"}  # noqa: RUF012 (as its base has it)

    def __init__(self) -> None:
        super().__init__("machines-panes")
        self._said: dict[str, Sequence[str]] = {}

    def compose(self) -> ComposeResult:
        yield LineView(paint=report, id="detail")
        for name, (columns, empty) in TABLES.items():
            yield Table(columns, empty=empty, id=name)
        yield LineView(paint=report, id="costs")
        yield LineView(paint=log, id=SERIAL)

    def key(self, name: str) -> str:
        """The key of the row under the cursor of a table."""
        return self.query_one(f"#{name}", Table).rows.key

    def fill(self, name: str, rows: Rows, empty: str = "") -> None:
        """Bring a table up to date."""
        self.query_one(f"#{name}", Table).show(list(rows), rows.__getitem__, empty=empty or TABLES[name][1])

    def say(self, name: str, lines: Sequence[str], empty: str = "") -> None:
        """The text of a pane; where it says the same as before, nobody loses the place at which they were reading."""
        if self._said.get(name) != lines:
            self._said[name] = lines
            self.query_one(f"#{name}", LineView).show(TextLines("\n".join(lines)), empty=empty)
