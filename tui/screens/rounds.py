"""Rounds: all of them side by side, with their trends, their guidance and where their weights come from."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult

from tui import actions, lineages, rounding, roundwords
from tui.actions import Facts
from tui.screens.rounds_known import KnownRounds
from tui.screens.rounds_panes import READING, RoundsPanes
from tui.services import rounds as services
from tui.services.rounds import Found
from tui.widgets.bars import Bar
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

NOTHING = "no round yet: {next_round} fills in the form of the first one"


class RoundsScreen(KnownRounds, inherit_bindings=False):
    """The rounds of this workspace."""

    NAME = actions.ROUNDS
    BINDINGS = actions.bindings(actions.ROUNDS)

    def body(self) -> ComposeResult:
        yield Words(id="rounds-head")
        yield Bar(id="tabs")
        yield RoundsPanes()
        yield Words(id="rounds-detail")

    # --- what is shown -------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Show how it stands now."""
        if self._found is None:
            return
        rows = rounding.rows(self._found, self._moving())
        self.panes.show_table(rows, self.lab.worded(NOTHING))
        if self._wanted and self.panes.table.go_to(self._wanted):
            self._wanted = ""
        self._show_pane(self._found)
        self._show_head()
        self._show_detail()
        self._show_tabs()
        self.show_frame()

    def _show_pane(self, found: Found) -> None:
        """Bring the pane in view up to date; the others are when they come into view."""
        name, chosen = self.panes.name_in_view, self._chosen()
        if name == "trends":
            self.panes.show_trends(self._curves)
        elif name == "lineage":
            self.panes.say(name, lineages.tree(found.rounds, found.gone), self.lab.worded(NOTHING))
        elif name == "round":
            lines = roundwords.detail(found, chosen, self.size.width - 4) if chosen else []
            self.panes.say(name, lines, self.lab.worded(NOTHING))

    def on_resize(self) -> None:
        super().on_resize()
        self.show()

    def _show_head(self) -> None:
        lines = roundwords.head(self._found) if self._found else [READING]
        head = self.query_one("#rounds-head", Words)
        head.show("\n".join(lines))
        head.set_class(bool(lines) and lines[0].startswith("✗"), "-bad")
        head.display = bool(lines)

    def _show_tabs(self) -> None:
        here = self.panes.tab
        count = len(self._found.rounds) if self._found else 0
        chosen = self._chosen()
        said = f"round {chosen.number} of {count} " if chosen and here == "round" else ""
        self.show_tabs(Cell(said, "dim"))

    def _show_detail(self) -> None:
        chosen, result = self._chosen(), self._result()
        lines = roundwords.about(self._found, chosen, result) if self._found and chosen else []
        words = self.query_one("#rounds-detail", Words)
        words.show("\n".join(lines))
        words.display = bool(lines) and self.panes.name_in_view == "rounds"

    @on(Table.Moved)
    def _moved(self) -> None:
        self.show()

    @on(Table.Opened)
    def _opened(self) -> None:
        self.action_act("open")

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.show_pane(self.panes.name_in_view)

    def step_back(self) -> bool:
        return self.panes.name_in_view == "trends" and self.curves.step_back()

    # --- acting --------------------------------------------------------------------------------------------------

    def facts(self) -> Facts:
        pane = {"trends": "curves"}.get(self.panes.name_in_view, "")
        entry = self.lab.entry(self._run_id())
        moving = next((one.name for one in self._moving() if one.moving), "")
        return Facts((entry.state,) if entry else (), pane, read_only=self.lab.gate.closed, rounding=moving)

    def do_open(self) -> None:
        if self.panes.name_in_view == "trends":
            self.curves.open()
        else:
            self.footplate.open_run(self._run_id())

    def do_next_round(self) -> None:
        rounds = self._found.rounds if self._found else ()
        number = max((one.number for one in rounds), default=-1) + 1
        self.work("reading the preset", partial(services.next_form, self.lab.workspace, number), self._fill_in)

    def _fill_in(self, form: tuple[str, str]) -> None:
        self.lab.form = form
        self.footplate.go(actions.LAUNCH)
