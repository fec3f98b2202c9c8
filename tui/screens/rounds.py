"""Rounds: all of them side by side, with their trends, their guidance and where their weights come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.timer import Timer

from tui import actions, lineages, rounding, roundwords
from tui.actions import Facts
from tui.entries import Entry
from tui.screens.charts import CurvesPane
from tui.screens.curving import CurveActs
from tui.screens.rounds_panes import PANES, READING, RoundsPanes
from tui.series import Series
from tui.services import rounds as services
from tui.services import standing
from tui.services.rounds import Found
from tui.services.standing import Marks, Standing
from tui.trends import trends
from tui.widgets.bars import Bar
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

if TYPE_CHECKING:
    from engine.rounds import Result, Round

NOTHING = "no round yet: {next_round} fills in the form of the first one"
EVERY_S = 3.0  # the files are looked at again


class RoundsScreen(CurveActs, inherit_bindings=False):
    """The rounds of this workspace."""

    NAME = actions.ROUNDS
    BINDINGS = actions.bindings(actions.ROUNDS)

    def __init__(self) -> None:
        super().__init__()
        self._found: Found | None = None
        self._curves: Mapping[str, Series] = {}
        self._again: Timer | None = None
        self._marks: Marks = ()  # of the labels
        self._wanted = ""  # the row on which the cursor was the last time

    def body(self) -> ComposeResult:
        yield Words(id="rounds-head")
        yield Bar(id="tabs")
        yield RoundsPanes()
        yield Words(id="rounds-detail")

    @property
    def panes(self) -> RoundsPanes:
        return self.query_one(RoundsPanes)

    @property
    def curves(self) -> CurvesPane:
        return self.panes.curves

    def curves_known(self) -> Mapping[str, Series]:
        return self._curves

    # --- what is known -------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._again = self._again or self.set_interval(EVERY_S, self._look)
        self._again.resume()
        self.show_pane(self.panes.name_in_view)

    def on_screen_suspend(self) -> None:
        if self._again is not None:
            self._again.pause()

    def runs_changed(self) -> None:
        self._look()
        self.show()

    def _look(self) -> None:
        marks = self._found.marks if self._found else ()
        self.work("reading the rounds", partial(services.look, self.lab.workspace, marks), self._taken)

        self.work("counting labels", partial(standing.look, self.lab.workspace, self._marks), self._count)

    def _taken(self, found: Found | None) -> None:
        if found is not None:
            queued = self._found.queued if self._found else {}
            self._found, self._curves = replace(found, queued=queued), trends(found.rounds)
            self.show()

    def _count(self, labels: Standing | None) -> None:
        """How much of each queue is labelled."""
        if labels is not None and self._found is not None:
            self._marks, self._found = labels.marks, replace(self._found, queued=labels.queues)
            self.show()

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

    def _moving(self) -> list[Entry]:
        return rounding.unpublished(self.lab.entries or (), self._found.rounds if self._found else ())

    def _show_head(self) -> None:
        lines = roundwords.head(self._found) if self._found else [READING]
        head = self.query_one("#rounds-head", Words)
        head.show("\n".join(lines))
        head.set_class(bool(lines) and lines[0].startswith("✗"), "-bad")
        head.display = bool(lines)

    def _show_tabs(self) -> None:
        here = self.panes.name_in_view
        parts = [Bar.Part(f" {name} ", "", name, name == here) for name in PANES]
        count = len(self._found.rounds) if self._found else 0
        chosen = self._chosen()
        said = f"round {chosen.number} of {count} " if chosen and here == "round" else ""
        self.query_one("#tabs", Bar).show(parts, Cell(said, "dim"))

    def _show_detail(self) -> None:
        chosen, result = self._chosen(), self._result()
        lines = roundwords.about(self._found, chosen, result) if self._found and chosen else []
        words = self.query_one("#rounds-detail", Words)
        words.show("\n".join(lines))
        words.display = bool(lines) and self.panes.name_in_view == "rounds"

    # --- what is under the cursor --------------------------------------------------------------------------------

    def _chosen(self) -> Round | None:
        """The round under the cursor; the newest one, where the cursor is on none."""
        if self._found is None or not self._found.rounds:
            return None
        number = self.panes.key.partition("/")[0]
        return next((one for one in self._found.rounds if str(one.number) == number), self._found.rounds[-1])

    def _result(self) -> Result | None:
        chosen, variable = self._chosen(), self.panes.key.partition("/")[2]
        return next((one for one in chosen.results if one.variable == variable), None) if chosen else None

    def _run_id(self) -> str:
        """The run of what is under the cursor."""
        if "/" not in self.panes.key:
            return self.panes.key
        chosen = self._chosen()
        return chosen.run if chosen else ""

    @on(Table.Moved)
    def _moved(self) -> None:
        self.show()

    @on(Table.Opened)
    def _opened(self) -> None:
        self.action_act("open")

    # --- panes ---------------------------------------------------------------------------------------------------

    def show_pane(self, name: str) -> None:
        """Bring a pane into view and put the focus into it."""
        self.panes.current = name
        self.set_focus(self.panes.in_view)  # at once, before the next key
        self.show()

    @on(Bar.Pressed, "#tabs")
    def _tab_pressed(self, message: Bar.Pressed) -> None:
        message.stop()
        self.show_pane(message.name)

    def do_next_pane(self) -> None:
        self._step_pane(1)

    def do_previous_pane(self) -> None:
        self._step_pane(-1)

    def _step_pane(self, step: int) -> None:
        self.show_pane(PANES[(PANES.index(self.panes.name_in_view) + step) % len(PANES)])

    def _step_back(self) -> bool:
        return self.panes.name_in_view == "trends" and self.curves.step_back()

    def do_back(self) -> None:
        if not self._step_back():
            super().do_back()

    def do_leave(self) -> None:
        if not self._step_back():
            super().do_leave()

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

    # --- kept ----------------------------------------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "pane": self.panes.name_in_view, "row": self._wanted or self.panes.key}

    def restore(self, kept: dict[str, Any]) -> None:
        super().restore(kept)
        if kept.get("pane") in PANES:
            self.panes.current = kept["pane"]
        self._wanted = kept["row"] if isinstance(kept.get("row"), str) else ""
