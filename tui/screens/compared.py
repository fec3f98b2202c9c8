"""Which runs are compared: read when they are other ones or have ended, brought up to date while they move."""

from __future__ import annotations

from functools import partial
from typing import Any

from engine.compare import whole
from engine.compare.side import MOST
from engine.compare.whole import Comparison
from tui.screens.compare_panes import ComparePanes
from tui.screens.curving import CurveActs
from tui.screens.stories import Stories
from tui.screens.tabbed import Tabbed
from tui.services import comparing as services


def plain(part_id: str) -> str:
    """The run's id of a run or of one of its stages."""
    return part_id.partition(":")[0]


class ComparedRuns(Tabbed, Stories, CurveActs, inherit_bindings=False):
    """A screen on runs side by side."""

    def __init__(self) -> None:
        super().__init__()
        self._ids: tuple[str, ...] = ()
        self._states: tuple[str, ...] = ()
        self._found: Comparison | None = None
        self._common = False
        self._pairing = False  # the paired differences are being computed

    @property
    def panes(self) -> ComparePanes:
        return self.query_one(ComparePanes)

    def runs_changed(self) -> None:
        ids = tuple(dict.fromkeys(self.lab.compared))[:MOST]
        states = tuple(entry.state for run_id in ids if (entry := self.lab.entry(plain(run_id))))
        if (ids, states) != (self._ids, self._states):
            if ids != self._ids:
                self._found = None
                self.follow(tuple(dict.fromkeys(map(plain, ids))))
            self._ids, self._states = ids, states
            self._read()
        elif self._found is not None:
            those = [side.run.id for side in self._found.sides]
            known = {run_id: entry.status for run_id in those if (entry := self.lab.entry(run_id))}
            self._found = whole.now(self._found, known)
        self.show()

    def _read(self) -> None:
        if self._ids:
            read = partial(services.read, self.lab.workspace, self._ids)
            self.work("comparing the runs", read, partial(self._taken, self._ids))

    def _taken(self, ids: tuple[str, ...], found: Comparison | None) -> None:
        if ids == self._ids and found is None:  # one run, which has neither stages nor a sweep
            self.show()
        elif ids == self._ids and found is not None:
            self._found, self._pairing = found, True
            self.show()
            compute = partial(services.with_paired, found, self._common)
            self.work("pairing test items", compute, partial(self._paired, ids))

    def _paired(self, ids: tuple[str, ...], found: Comparison) -> None:
        if ids == self._ids:
            self._found, self._pairing = found, False
            self.runs_changed()

    def do_common(self) -> None:
        self._common = not self._common
        self.tell("paired on common test items as well" if self._common else "paired only where all items are the same")
        self._read()

    @property
    def sides(self) -> tuple[str, ...]:
        """Ids of what stands side by side: those that were chosen, or the stages of the one that was."""
        return self._ids if self._found is None else tuple(side.id for side in self._found.sides)

    def compare(self, ids: list[str]) -> None:
        self.lab.compared = ids
        self.runs_changed()

    # --- kept ----------------------------------------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "compared": list(self._ids), "common": self._common}

    def restore(self, kept: dict[str, Any]) -> None:
        super().restore(kept)
        compared = kept.get("compared")
        self._common = kept.get("common") is True
        if isinstance(compared, list) and not self.lab.compared:
            self.lab.compared = [run_id for run_id in compared if isinstance(run_id, str)]
            self.runs_changed()
