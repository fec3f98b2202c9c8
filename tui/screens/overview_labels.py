"""The Overview's eye on the labels: looked at after the first paint, and then when their files have changed."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual.timer import Timer

from tui.actions import Facts
from tui.screens.acting import RunScreenActs
from tui.widgets.table import Table

if TYPE_CHECKING:
    from tui.services.standing import Marks, Standing

EVERY_S = 10.0  # a look at the files; what follows a change is computed in a process of its own
LOOKING = "looking at the labels"
SECTION, TABLE = "#section-labels", "#labels"


class LabelsOverview(RunScreenActs, inherit_bindings=False):
    """A screen with a part about labels, which is there only where there are any."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: Marks = ()
        self._again: Timer | None = None

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.call_after_refresh(self._look_at_labels)
        self._again = self._again or self.set_interval(EVERY_S, self._look_at_labels)
        self._again.resume()

    def on_screen_suspend(self) -> None:
        if self._again is not None:
            self._again.pause()

    def _look_at_labels(self) -> None:
        from tui.services import standing  # nothing of it is needed for the first paint

        if not self.at_work(LOOKING):
            self.work(LOOKING, partial(standing.look, self.lab.workspace, self._marks), self._show_labels)

    def _show_labels(self, found: Standing | None) -> None:
        if found is not None:
            self._marks = found.marks
            if self.query(SECTION) or found.fault or found.coders or found.newest or found.hint:
                self.call_later(self._show_section, found)

    async def _show_section(self, found: Standing) -> None:
        from tui.screens.labels_section import LabelsSection

        if self.query(SECTION):
            self.query_one(LabelsSection).show(found)
            return
        await self.query_one("#body").mount(LabelsSection(found, self.lab.worded), before="#below")
        if not (isinstance(self.focused, Table) and self.focused.rows.keys):
            self.set_focus(self.query_one(TABLE, Table))  # where there is no run, the labels are what the keys mean

    # --- acting --------------------------------------------------------------------------------------------------

    def _row(self) -> str:
        """The key of the row of labels under the cursor; empty where the cursor is elsewhere."""
        table = self.focused
        return table.rows.key if isinstance(table, Table) and table.id == TABLE[1:] else ""

    def facts(self) -> Facts:
        facts = super().facts()
        return replace(facts, pane="labels") if self._row() else facts

    def do_open(self) -> None:
        from tui.screens.labels_section import place

        if name := place(self._row()):
            self.footplate.go(name)
        else:
            super().do_open()
