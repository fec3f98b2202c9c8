"""A run in panes: three lines that always say what it is and how it goes, tabs, and the pane that is in view."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult

from tui.entries import Entry
from tui.screens.followed import FollowedRun
from tui.screens.head import head
from tui.screens.panes import Lineage, RunPanes
from tui.screens.tabbed import Tabbed
from tui.services import acts
from tui.services.about import about
from tui.widgets.bars import Bar
from tui.widgets.entry import Typed
from tui.widgets.lines import LineView
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

LOG_FILTER = "words, this|that, !not, /regex/, level:error, loss>0.5, -C 2 for lines around"
NOTHING = "no runs yet: press 4 to launch one"


class PanedRun(Tabbed, FollowedRun, inherit_bindings=False):
    """A screen on one run, of which one pane is in view."""

    def body(self) -> ComposeResult:
        yield Words(id="head")
        yield Bar(id="tabs")
        yield RunPanes()
        yield Words(id="lines-said")
        yield Typed(placeholder="words or a regular expression", id="search")
        yield Typed(placeholder=LOG_FILTER, id="log-filter")

    def text(self) -> LineView | None:
        """The text in view, if this pane has one."""
        return self.panes.text

    @property
    def panes(self) -> RunPanes:
        return self.query_one(RunPanes)

    # --- what is shown -------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        wanted, self.lab.pane = self.lab.pane, ""
        self.show_pane(wanted or self.panes.name_in_view)

    def show(self) -> None:
        self.show_run()

    def begin(self) -> None:
        assert self.follower is not None
        self.panes.begin(self.follower.log)
        self.work("reading the run", partial(about, self.lab.workspace, self.run_id), self.panes.show_about)

    def show_run(self) -> None:
        entry = self.entry()
        self.query_one("#head", Words).show(self._head(entry))
        if entry is not None:
            self.panes.show(entry, self.story)
        self.show_about_text()
        self.show_frame()

    def _head(self, entry: Entry | None) -> Words.Said:
        if self.gone:
            return f"✗ gone  {self.run_id}\n{self.gone}\nq goes back"
        if entry is None:
            return "reading the run" if self.run_id or self.lab.entries is None else NOTHING
        return head(entry, self.story.pace, self.lab.now(), self.size.width - 2)

    def show_about_text(self) -> None:
        """Say which pane is in view, and at the right what there is to know of its text."""
        here, text, entry = self.panes.name_in_view, self.text(), self.entry()
        following = text is not None and text.follow and here == "log" and entry is not None and entry.moving
        said = ["following" * following, "wrapped" * text.wrap, text.where] if text is not None else []
        words = " · ".join(word for word in said if word)
        self.show_tabs(Cell(f"{words} ", "accent" if following else "dim"))

    def log_grew(self, afresh: bool) -> None:
        self.panes.log_grew(afresh)
        self.show_about_text()

    def pane_left(self) -> None:
        """Another pane comes into view."""

    # --- panes ---------------------------------------------------------------------------------------------------

    def show_pane(self, name: str) -> None:
        """Bring a pane into view and put the focus into it."""
        if name != self.panes.name_in_view:
            self.pane_left()
        super().show_pane(name)
        if name == "files":
            self.call_after_refresh(self.panes.files.ask)  # when it is known how much room there is
        if name == "lineage" and self.run_id:
            read = partial(acts.relatives, self.lab.workspace, self.run_id)
            self.work("reading the lineage", read, self._show_lineage)

    def focus_pane(self) -> None:
        """Put the focus into the pane in view."""
        self.set_focus(self.panes.in_view)
        if self.panes.name_in_view == "files":
            self.panes.files.ask()
        self.show_frame()

    def _show_lineage(self, found: Lineage) -> None:
        self.panes.show_lineage(found, self.lab.entry)

    @on(Table.Moved, "#files-list")
    def _file_chosen(self) -> None:
        self.panes.files.ask_soon()
        self.show_frame()
