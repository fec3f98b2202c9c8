"""The panes of the rounds: all of them in a table, one in words, their trends, and where weights come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult

from tui import rounding
from tui.charting import charts
from tui.rounding import Cells
from tui.screens.charts import CurvesPane
from tui.screens.tabbed import Panes
from tui.series import Series
from tui.widgets.lines import LineView
from tui.widgets.paint import report
from tui.widgets.painter import TextLines
from tui.widgets.table import Table

READING = "reading the rounds"


class RoundsPanes(Panes):
    """All panes, one of which is in view."""

    TABS = ("rounds", "round", "trends", "lineage")

    def __init__(self) -> None:
        super().__init__("rounds-panes")
        self._said: dict[str, Sequence[str]] = {}

    def compose(self) -> ComposeResult:
        yield Table(rounding.COLUMNS, empty=READING, id="rounds")
        yield LineView(paint=report, id="round")
        yield CurvesPane(id="trends")
        yield LineView(paint=report, id="lineage")

    @property
    def table(self) -> Table:
        return self.query_one("#rounds", Table)

    @property
    def curves(self) -> CurvesPane:
        return self.query_one(CurvesPane)

    @property
    def key(self) -> str:
        """The key of the row under the cursor."""
        return self.table.rows.key

    def show_table(self, rows: Mapping[str, Cells], empty: str) -> None:
        """The rounds, a row for each of their variables."""
        self.table.show(list(rows), rows.__getitem__, empty=empty)

    def say(self, pane: str, lines: Sequence[str], empty: str) -> None:
        """The text of a pane; where it says the same as before, nobody loses the place at which they were reading."""
        if self._said.get(pane) != lines:
            self._said[pane] = lines
            self.query_one(f"#{pane}", LineView).show(TextLines("\n".join(lines)), empty=empty)

    def show_trends(self, curves: Mapping[str, Series]) -> None:
        """What was measured, over the rounds."""
        self.curves.show(charts(curves, self.curves.wants))
