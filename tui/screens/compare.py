"""Compare: marked runs side by side."""

from __future__ import annotations

from textual.app import ComposeResult

from tui import actions, cells
from tui.screens.base import FootplateScreen
from tui.widgets.columns import Column
from tui.widgets.table import Table

COLUMNS = (Column("state", "state", 11), Column("name", "run", 16, flex=1))


class CompareScreen(FootplateScreen, inherit_bindings=False):
    """The runs that were marked."""

    NAME = actions.COMPARE
    BINDINGS = actions.bindings(actions.COMPARE)

    def body(self) -> ComposeResult:
        yield Table(COLUMNS, empty="nothing to compare: mark runs by space on 2, and press c", id="compared")

    def runs_changed(self) -> None:
        known = {run_id: entry for run_id in self.lab.compared if (entry := self.lab.entry(run_id))}
        rows = {run_id: (cells.state(entry), cells.name(entry)) for run_id, entry in known.items()}
        self.query_one(Table).show(list(rows), rows.__getitem__)

    def do_open(self) -> None:
        if run_id := self.query_one(Table).rows.key:
            self.footplate.open_run(run_id)
