"""The panes of agreement: scores, one card, confusion, what coders differ on, drift, coders, gold, and one frame."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from tui import agreeing, settling
from tui.agreeing import Rows
from tui.charting import Chart
from tui.screens.charts import CurvesPane
from tui.screens.tabbed import Panes
from tui.widgets.columns import Column
from tui.widgets.picture import Picture
from tui.widgets.sheet import Cells
from tui.widgets.table import Table
from tui.widgets.words import Words

CASE = "case"  # one frame, with its codes; opened from the disagreements
TABLES = {
    "scores": agreeing.SCORES, "card": agreeing.CARD, "confusion": (Column("from", "", 14),),
    "disagreements": settling.CASES, "coders": settling.CODERS, "gold": settling.GOLD,
}  # fmt: skip
READING = "reading the labels"


class AgreementPanes(Panes):
    """All panes, one of which is in view."""

    TABS = ("scores", "card", "confusion", "disagreements", "drift", "coders", "gold")
    WITHIN = {CASE: "disagreements"}  # noqa: RUF012 (as its base has it)
    FOCUSED = {CASE: "disagreements"}  # noqa: RUF012 (a frame alone has nothing to move in, and leaves it to its list)

    def __init__(self) -> None:
        super().__init__("agreement-panes")
        self._columns: dict[str, Sequence[Column]] = dict(TABLES)

    def compose(self) -> ComposeResult:
        for name in self.TABS:
            yield Table(TABLES[name], empty=READING, id=name) if name in TABLES else CurvesPane(id=name)
        with Vertical(id=CASE):
            yield Words(id="case-words")
            yield Words(id="case-trouble")
            yield Picture(id="case-picture")

    @property
    def curves(self) -> CurvesPane:
        return self.query_one(CurvesPane)

    @property
    def picture(self) -> Picture:
        return self.query_one("#case-picture", Picture)

    def table(self, name: str) -> Table:
        """A table by its pane."""
        return self.query_one(f"#{name}", Table)

    def key(self, name: str) -> str:
        """The key of the row under the cursor of a pane; empty where it is none."""
        return self.table(name).rows.key if name in TABLES else ""

    def fill(self, name: str, rows: Rows, empty: str, columns: Sequence[Column] = ()) -> None:
        """Bring a table up to date."""
        table = self.table(name)
        if columns and tuple(columns) != self._columns[name]:
            self._columns[name] = tuple(columns)
            table.choose(columns, rows.__getitem__)
        table.show(list(rows), rows.__getitem__, empty=empty)

    def list_cases(self, keys: Sequence[str], cells: Cells, empty: str) -> None:
        """The frames on which coders differ; only those in view are asked for their cells."""
        self.table("disagreements").show(keys, cells, empty=empty)

    def draw(self, charts: Sequence[Chart], empty: str) -> None:
        """Agreement over time."""
        self.curves.show(charts)
        self.query_one("#no-curves", Words).show(empty)

    def show_case(self, lines: Sequence[str]) -> None:
        """What there is to know of the frame in view."""
        self.query_one("#case-words", Words).show("\n".join(lines))

    def show_picture(self, data: bytes, width: int, trouble: str = "") -> None:
        """The frame, or why it cannot be seen."""
        self.query_one("#case-trouble", Words).show(trouble)
        self.query_one("#case-trouble").display = bool(trouble)
        self.picture.show(data, width)
