"""The panes of a comparison: tables over all runs, their curves, and a file's diff."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult

from engine.compare.whole import Comparison
from tui import comparing
from tui.comparing import Rows
from tui.screens.charts import CurvesPane
from tui.screens.tabbed import Panes
from tui.widgets.columns import Column
from tui.widgets.lines import LineView
from tui.widgets.paint import diff
from tui.widgets.painter import TextLines
from tui.widgets.table import Table

TABLES = {  # what the first column names, how wide the others are, and what it means that there is no row
    "metrics": ("metric", 15, "no run has measured anything yet"),
    "criteria": ("criterion", 16, "no run has declared a criterion"),
    "spec": ("key", 14, "their specs are the same"),
    "code": ("code", 18, "they were made with the same code"),
    "environment": ("key", 14, "their environments are the same"),
}
DIFF = "diff"


class ComparePanes(Panes):
    """All panes, one of which is in view."""

    TABS = ("metrics", "curves", "criteria", "spec", "code", "environment", "runs")
    WITHIN = {DIFF: "code"}  # noqa: RUF012 (as its base has it)

    def __init__(self) -> None:
        super().__init__("compare-panes")
        self._rows: dict[str, Rows] = {}
        self._columns: dict[str, list[Column]] = {}

    def compose(self) -> ComposeResult:
        for name, (first, _, _) in TABLES.items():
            yield Table([Column("key", first, 20)], empty="reading the runs", id=name)
        yield CurvesPane(id="curves")
        yield Table(comparing.RUNS, empty="reading the runs", id="runs")
        yield LineView(paint=diff, id=DIFF)

    @property
    def table(self) -> Table | None:
        """The table in view, where it is one."""
        return self.in_view if isinstance(self.in_view, Table) else None

    @property
    def curves(self) -> CurvesPane:
        return self.query_one(CurvesPane)

    @property
    def key(self) -> str:
        """The key of the row under the cursor."""
        return self.table.rows.key if self.table is not None else ""

    def rows(self, name: str) -> Mapping[str, comparing.Cells]:
        """The rows of a table."""
        return self._rows.get(name, {})

    def clear(self, empty: str) -> None:
        """Nothing is known yet."""
        for table in self.query(Table):
            table.show([], lambda _key: (), empty=empty)

    def show(self, found: Comparison) -> None:
        """Bring all tables up to date."""
        everything = {
            "metrics": {**comparing.metrics(found), **comparing.reliability(found)},
            "criteria": comparing.criteria(found),
            "spec": comparing.differing(found.spec), "code": comparing.code(found),
            "environment": comparing.differing(found.environment),
        }  # fmt: skip
        for name, rows in everything.items():
            first, width, empty = TABLES[name]
            self._fill(name, rows, comparing.columns(found, first, width), empty)
        self._fill("runs", comparing.runs(found), list(comparing.RUNS), "")

    def _fill(self, name: str, rows: Rows, columns: list[Column], empty: str) -> None:
        table = self.query_one(f"#{name}", Table)
        self._rows[name] = rows
        if self._columns.get(name) != columns:
            self._columns[name] = columns
            table.choose(columns, rows.__getitem__)
        table.show(list(rows), rows.__getitem__, empty=empty)

    def show_diff(self, text: str) -> None:
        """One file, in place of the table of code."""
        self.query_one(f"#{DIFF}", LineView).show(TextLines(text), empty="it is the same")
        self.current = DIFF
