"""What a screen knows of rounds: their files looked at again and again, and which of them is under the cursor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.timer import Timer

from tui import rounding
from tui.entries import Entry
from tui.screens.charts import CurvesPane
from tui.screens.curving import CurveActs
from tui.screens.rounds_panes import RoundsPanes
from tui.screens.tabbed import Tabbed
from tui.series import Series
from tui.services import rounds as services
from tui.services import standing
from tui.services.rounds import Found
from tui.services.standing import Marks, Standing
from tui.trends import trends

if TYPE_CHECKING:
    from engine.rounds import Result, Round

EVERY_S = 3.0  # the files are looked at again
COUNTING = "counting labels"


class KnownRounds(Tabbed, CurveActs, inherit_bindings=False):
    """A screen on the rounds of the workspace."""

    def __init__(self) -> None:
        super().__init__()
        self._found: Found | None = None
        self._curves: Mapping[str, Series] = {}
        self._again: Timer | None = None
        self._marks: Marks = ()  # of the labels
        self._wanted = ""  # the row on which the cursor was the last time

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

    def on_screen_suspend(self) -> None:
        if self._again is not None:
            self._again.pause()

    def runs_changed(self) -> None:
        self._look()
        self.show()

    def _look(self) -> None:
        marks = self._found.marks if self._found else ()
        self.work("reading the rounds", partial(services.look, self.lab.workspace, marks), self._taken)
        if not self.at_work(COUNTING):  # in a process that takes a second
            self.work(COUNTING, partial(standing.look, self.lab.workspace, self._marks), self._count)

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

    def _moving(self) -> list[Entry]:
        return rounding.unpublished(self.lab.entries or (), self._found.rounds if self._found else ())

    # --- kept ----------------------------------------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "row": self._wanted or self.panes.key}

    def restore(self, kept: dict[str, Any]) -> None:
        super().restore(kept)
        self._wanted = kept["row"] if isinstance(kept.get("row"), str) else ""
