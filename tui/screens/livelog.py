"""The log of a run as its screen shows it: all of it or what a filter lets through, while it grows."""

from __future__ import annotations

import time

from textual.timer import Timer

from tui.screens.paned import PanedRun
from tui.screens.texts import TextActs
from tui.services.filtered import FilteredLog
from tui.widgets.lines import LineView

NOTHING_YET, NO_LINE = "it has printed nothing yet", "no line fits the filter"
OFTEN_S, SELDOM_S = 0.08, 0.5  # between two paints of a log that grows; seldom where the line is slow


class LiveLog(PanedRun, TextActs, inherit_bindings=False):
    """A screen with the log of a run."""

    shown: FilteredLog | None = None
    _growing: Timer | None = None
    _grew_at = 0.0
    _afresh = False
    _shows = 0

    def begin(self) -> None:
        assert self.follower is not None
        if self.shown is not None:
            self.shown.close()
        self.shown = FilteredLog(self.follower.log, self.tell_looked)
        super().begin()
        self.panes.log_view.show(self.shown, empty=NOTHING_YET)

    def on_unmount(self) -> None:
        super().on_unmount()
        if self.shown is not None:
            self.shown.close()

    def log_grew(self, afresh: bool) -> None:
        """Show it now, or with what else comes within a moment, since each time is bytes over ssh."""
        self._afresh = self._afresh or afresh
        since = time.monotonic() - self._grew_at
        if self._growing is None:
            wait = SELDOM_S if self.lab.options.low_bandwidth else OFTEN_S
            self._growing = self.set_timer(max(0.001, wait - since), self._grow)

    def _grow(self) -> None:
        afresh, self._afresh = self._afresh, False
        self._growing, self._grew_at = None, time.monotonic()
        if self.shown is not None:
            self.shown.grew(afresh=afresh)
        if afresh:
            self.tell("the log was cut or replaced: it is shown from its new beginning")
        super().log_grew(afresh)
        self.text_changed()

    def finder(self, text: LineView) -> FilteredLog:
        return self.shown if self.shown is not None and text.source is self.shown else super().finder(text)

    @property
    def knows_all(self) -> bool:
        return super().knows_all and (self.shown is None or self.shown.knows_all)

    def looked(self) -> None:
        if self.shown is not None:
            self.shown.notice()
            view, others = self.panes.log_view, self.shown.shows != self._shows
            self._shows, view.signs = self.shown.shows, self.shown.has_asides
            view.empty = NO_LINE if self.shown.filtered else NOTHING_YET
            if others or self.shown.filtered:
                view.grew(afresh=others)
        super().looked()
