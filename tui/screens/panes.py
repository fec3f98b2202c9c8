"""The panes of a run: each is shown when it is opened, and brought up to date while it is in view."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult

from tui import cells
from tui.charting import charts
from tui.entries import Entry
from tui.screens.charts import CurvesPane
from tui.screens.files import FilesPane
from tui.screens.look import LookPane
from tui.screens.tabbed import Panes
from tui.services.about import About
from tui.story import Story
from tui.widgets.columns import Column
from tui.widgets.lines import LineView
from tui.widgets.paint import log, yaml
from tui.widgets.painter import LineSource, TextLines
from tui.widgets.table import Table
from tui.widgets.tones import Cell

TEXTS = {"log": "log", "spec": "spec", "about": "about", "files": "preview-text"}
RELATIVES = (
    Column("how", "", 9),
    Column("state", "state", 11, keep=8),
    Column("name", "run", 14, flex=2),
    Column("result", "result", 13, flex=1, keep=7),
    Column("id", "id", 31, keep=6),
)
Lineage = tuple[Sequence[str], Sequence[str]]


class RunPanes(Panes):
    """All panes, one of which is in view."""

    TABS = ("look", "log", "curves", "files", "spec", "about", "lineage")
    FOCUSED = {"files": "files-list"}  # noqa: RUF012 (as its base has it)

    def __init__(self) -> None:
        super().__init__("panes")

    def compose(self) -> ComposeResult:
        yield LookPane(id="look")
        yield LineView(paint=log, id="log")
        yield CurvesPane(id="curves")
        yield FilesPane(id="files")
        yield LineView(paint=yaml, id="spec")
        yield LineView(paint=yaml, id="about")
        yield Table(RELATIVES, empty="made from no other run, and none was made from it", id="lineage")

    @property
    def log_view(self) -> LineView:
        return self.query_one("#log", LineView)

    @property
    def files(self) -> FilesPane:
        return self.query_one(FilesPane)

    @property
    def curves(self) -> CurvesPane:
        return self.query_one(CurvesPane)

    @property
    def relatives(self) -> Table:
        return self.query_one("#lineage", Table)

    @property
    def text(self) -> LineView | None:
        """The text in view, if this pane has one."""
        if self.name_in_view not in TEXTS:
            return None
        text = self.query_one(f"#{TEXTS[self.name_in_view]}", LineView)
        return text if text.display else None

    def begin(self, log: LineSource) -> None:
        """Another run: nothing is known of it but where its log is."""
        self.current = "look"
        self.log_view.follow = True
        self.log_view.show(log, empty="it has printed nothing yet")
        self.query_one(LookPane).show_log(log)
        for name in ("spec", "about"):
            self.query_one(f"#{name}", LineView).show(TextLines(), empty="reading")
        self.relatives.show([], lambda _key: ())

    def log_grew(self, afresh: bool) -> None:
        self.log_view.grew(afresh=afresh)
        self.query_one(LookPane).log_grew(afresh)

    def show(self, entry: Entry, story: Story) -> None:
        """Bring the pane in view up to date."""
        if self.name_in_view == "look":
            self.query_one(LookPane).show(entry.status, story)
        elif self.name_in_view == "curves":
            self.curves.show(charts(story.curves, self.curves.wants))
        elif self.name_in_view == "files":
            words = "nothing yet: a job hands over files when they are complete" if entry.moving else "it made nothing"
            self.files.show(entry.status.artifacts, words)

    def show_about(self, found: About) -> None:
        """What was asked, and the rest."""
        self.query_one("#spec", LineView).show(TextLines(found.spec), empty="it has no spec")
        self.query_one("#about", LineView).show(TextLines(found.rest))

    def show_lineage(self, found: Lineage, known: Callable[[str], Entry | None]) -> None:
        """The runs that it was made from, and those made from it."""
        ways = [(run_id, "made from") for run_id in found[0]] + [(run_id, "made into") for run_id in found[1]]
        rows = {run_id: _relative(run_id, how, known(run_id)) for run_id, how in ways}
        self.relatives.show(list(rows), rows.__getitem__)


def _relative(run_id: str, how: str, entry: Entry | None) -> tuple[Cell, ...]:
    if entry is None:
        return Cell(how, "dim"), Cell("archived", "dim"), Cell(""), Cell(""), Cell(run_id, "dim")
    return Cell(how, "dim"), cells.state(entry), cells.name(entry), cells.result(entry), Cell(run_id, "dim")
