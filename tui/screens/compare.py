"""Compare: marked runs side by side."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from textual import on
from textual.app import ComposeResult

from engine.compare.side import MOST, sign
from tui import actions, comparing
from tui.actions import Facts
from tui.charting import side_by_side
from tui.screens.charts import CurvesPane
from tui.screens.compare_panes import DIFF, ComparePanes
from tui.screens.compared import ComparedRuns, plain
from tui.series import Series
from tui.services import comparing as services
from tui.widgets.bars import Bar
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

NOTHING = "mark two runs or more by {mark} on {runs}, then {compare_runs}; or {add_run} adds one here"
ONE = "one run is chosen: {add_run} adds another to hold against it"
READING = "reading the runs"


class CompareScreen(ComparedRuns, inherit_bindings=False):
    """The runs that were marked, the first of them the reference."""

    NAME = actions.COMPARE
    BINDINGS = actions.bindings(actions.COMPARE)

    def body(self) -> ComposeResult:
        yield Words(id="compared")
        yield Bar(id="tabs")
        yield ComparePanes()
        yield Words(id="compare-detail")

    @property
    def curves(self) -> CurvesPane:
        return self.panes.curves

    def curves_known(self) -> Mapping[str, Series]:
        return {name: series for story in reversed(self.stories.values()) for name, series in story.curves.items()}

    # --- what is compared ----------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.follow(tuple(dict.fromkeys(map(plain, self._ids))))
        self.show_pane(self.panes.name_in_view)

    # --- what is shown -------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Show how it stands now."""
        if self._found is None:
            empty = READING if len(self._ids) > 1 else ONE if self._ids else NOTHING
            self.panes.clear(self.lab.worded(empty))
        else:
            self.panes.show(self._found)
        self.query_one("#compared", Words).show(self._head())
        self.show_curves()
        self._show_tabs()
        self._show_detail()
        self.show_frame()

    def _head(self) -> str:
        if self._found is None:
            return "nothing to compare" if len(self._ids) < 2 else READING
        sides = enumerate(self._found.sides)
        return " · ".join(f"{sign(place)} {comparing.name(side)}" for place, side in sides)

    def _show_tabs(self) -> None:
        self.show_tabs(Cell(self._about(self.panes.tab), "dim"))

    def _about(self, pane: str) -> str:
        found = self._found
        if found is None:
            return ""
        if pane == "metrics" and self._pairing:
            return "pairing test items "
        if pane == "metrics" and found.comparisons:
            return f"* p<{comparing.LEVEL:g}, Holm of {found.comparisons} "
        return f"{found.same_keys} keys are the same " if pane == "spec" else ""

    def show_curves(self) -> None:
        if self._found is None or self.panes.name_in_view != "curves":
            return
        sides = self._found.sides
        runs = [
            (comparing.name(side), comparing.curves(side, self.stories[side.run.id].curves))
            for side in sides
            if side.run.id in self.stories
        ]
        self.curves.show(side_by_side(runs, self.curves.wants))

    def _show_detail(self) -> None:
        lines = self._detail()
        self.query_one("#compare-detail", Words).show("\n".join(lines))
        self.query_one("#compare-detail").display = bool(lines)

    def _detail(self) -> list[str]:
        """All that the row under the cursor has to say."""
        if self._found is None or self.panes.table is None:
            return []
        name, key = self.panes.name_in_view, self.panes.key
        if name == "metrics":
            notes = [*dict.fromkeys(self._found.notes), *(fault for side in self._found.sides for fault in side.faults)]
            about = comparing.about_metric(self._found, key)
            return [*(about or comparing.values(self.panes.rows(name), key)), *notes]
        return comparing.values(self.panes.rows(name), key) if name != "runs" else []

    @on(Table.Moved)
    def _moved(self) -> None:
        self._show_detail()
        self.show_frame()

    @on(Table.Opened)
    def _opened(self) -> None:
        self.action_act("open")

    def step_back(self) -> bool:
        return super().step_back() or (self.panes.name_in_view == "curves" and self.curves.step_back())

    # --- acting --------------------------------------------------------------------------------------------------

    def facts(self) -> Facts:
        name, key = self.panes.name_in_view, self.panes.key
        entry = self.lab.entry(plain(key)) if name == "runs" else None
        states = (entry.state,) if entry is not None else ()
        changed = name == "code" and key.startswith(comparing.FILE)
        pane = "file" if changed else name
        return Facts(states, pane, read_only=self.lab.gate.closed, compared=len(self.sides) * (self._found is not None))

    def do_open(self) -> None:
        name, key = self.panes.name_in_view, self.panes.key
        if name == "runs":
            self.footplate.open_run(plain(key))
        elif name == "curves":
            self.curves.open()
        elif self._found is not None and key.startswith(comparing.FILE):
            read = partial(services.difference, self._found, self.lab.workspace, key.removeprefix(comparing.FILE))
            self.work("reading the code", read, self._show_diff)

    def _show_diff(self, text: str) -> None:
        self.panes.show_diff(text)
        self.show_pane(DIFF)

    def do_leave_out(self) -> None:
        self.compare([one for one in self.sides if one != self.panes.key])

    def do_reference(self) -> None:
        key = self.panes.key
        self.compare([key, *(one for one in self.sides if one != key)])

    def do_add_run(self) -> None:
        from tui.screens.pick import PickRun

        def picked(run_id: str | None) -> None:
            if run_id:
                self.compare([*self.sides, run_id])

        if len(self.sides) >= MOST:
            self.notify(f"{MOST} runs are all that can stand side by side", severity="warning", markup=False)
            return
        others = [entry for entry in self.lab.entries or () if entry.id not in self.sides]
        self.app.push_screen(PickRun(others, self.lab.now()), picked)

    def question(self, name: str) -> str:
        return (
            f"Write the comparison of {len(self.sides)} runs as Markdown and CSV?\n\ninto comparisons/ of the workspace"
        )

    def do_export(self) -> None:
        if self._found is not None:
            self.work("writing the comparison", partial(services.export, self.lab.gate, self._found), self.tell)
