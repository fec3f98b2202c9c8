"""The labels of a workspace while they come in, and the reliability cards that are computed of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial

from textual.timer import Timer

from engine.annotations.disagreements import either_way
from engine.filter import Value
from tui.cases import Cards, Case, GoldSide, Labels
from tui.filter import compiled
from tui.kept import Kept
from tui.screens.agreement_panes import AgreementPanes
from tui.screens.tabbed import Tabbed
from tui.screens.undoing import Undoing
from tui.services import agreement as services
from tui.services import cards as computing

EVERY_S = 2.0  # the log is asked whether it has grown
RESTS = 4  # times as long as a look took, until the next one
CARDS_EVERY_S = 20.0  # while labels come in, cards are computed no more often than this


class LabelledScreen(Tabbed, Undoing, inherit_bindings=False):
    """A screen on the labels, and on what follows from them."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: Labels | None = None
        self.cards: Cards | None = None
        self.computing = self._reading = False
        self.adjudicated = False  # whether adjudicated frames join the gold set
        self.asked = ""  # the filter of the disagreements
        self.wanted = ""  # the row of scores on which the cursor was the last time
        self._computed_at = self._asked_at = self._rests_until = 0.0
        self._again: Timer | None = None
        self._fitting = Kept()

    @property
    def panes(self) -> AgreementPanes:
        return self.query_one(AgreementPanes)

    @property
    def labels_missing(self) -> bool:
        """Whether there is nothing to agree on."""
        return self.labels is None or bool(self.labels.trouble)

    # --- looking -------------------------------------------------------------------------------------------------

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._again = self._again or self.set_interval(EVERY_S, self.look)
        self._again.resume()
        self.look()
        self.show_pane(self.panes.name_in_view)

    def on_screen_suspend(self) -> None:
        if self._again is not None:
            self._again.pause()

    def look(self) -> None:
        """See whether the labels are as they were."""
        if self._reading or time.monotonic() < self._rests_until:
            return
        self.work("looking at the labels", partial(services.marks, self.lab.workspace), self._marked)

    def _marked(self, marks: services.Marks) -> None:
        if self.labels is None or marks != self.labels.version:
            self._reading, self._asked_at = True, time.monotonic()
            self.work("reading the labels", partial(services.labels, self.lab.workspace), self._taken)
        else:
            self._compute()

    def look_at_once(self) -> None:
        """Something was just changed here."""
        self._rests_until = 0.0
        self.look()

    def _taken(self, found: Labels) -> None:
        self._reading, took = False, time.monotonic() - self._asked_at
        self._rests_until = time.monotonic() + RESTS * took  # of a large study it takes seconds
        self.labels = found
        self.show()
        self._compute()

    def _compute(self) -> None:
        """Have the cards computed, where they are of older labels and were not computed just now."""
        labels, now = self.labels, self.lab.now()
        cards = self.cards  # a fault is tried again, as whatever stands in the way may have gone
        current = cards is not None and not cards.fault and labels is not None and cards.version == labels.version[0]
        if self.labels_missing or self.computing or current or now - self._computed_at < CARDS_EVERY_S:
            return
        self.computing, self._computed_at = True, now
        keep = not self.lab.gate.closed
        self.work("computing agreement", partial(computing.of, self.lab.workspace, keep), self._carded)
        self.show()

    def _carded(self, cards: Cards) -> None:
        self.cards, self.computing = cards, False
        self.show()
        if self.wanted and self.panes.table("scores").go_to(self.wanted):
            self.wanted = ""

    # --- what is known -------------------------------------------------------------------------------------------

    def fitting(self) -> list[Case]:
        """The disagreements that fit the filter."""
        return list(self.fitting_by_key().values())

    def fitting_by_key(self) -> Mapping[str, Case]:
        """The same by their keys."""
        labels = self.labels
        if labels is None:
            return {}
        version = labels.version
        fields = self._fitting.of("fields", version, lambda: [(case, case.fields()) for case in labels.cases])
        return self._fitting.of("cases", (self.asked, version), lambda: _fitting(fields, self.asked))

    def sides(self) -> Sequence[GoldSide]:
        """The gold set of each variable."""
        return self.labels.gold.get("adjudicated" if self.adjudicated else "agreed", ()) if self.labels else ()


def _fitting(cases: Sequence[tuple[Case, Mapping[str, Value]]], asked: str) -> dict[str, Case]:
    wanted = either_way(compiled(asked))
    return {case.key: case for case, fields in cases if wanted.fits(fields)}
