"""What can be done to see less of a log: a filter with lines around, and the least level."""

from __future__ import annotations

import re
from functools import partial

from textual import on
from textual.timer import Timer
from textual.widgets import Input

from tui import sieve
from tui.format import several
from tui.screens.livelog import LiveLog
from tui.screens.texts import TYPING_S
from tui.sieve import Sieve
from tui.widgets.entry import Typed
from tui.widgets.words import Words

LEAST = ("", "warning", "error")
_AROUND = re.compile(r"(?:^|\s)-C\s*(\d{1,3})\s*$")


class FilterActs(LiveLog, inherit_bindings=False):
    """A screen with a log, and a line `#log-filter` to type in."""

    asked = ""  # the filter as it was typed
    least = ""  # the least level of lines that are shown
    context = 0  # lines around each that are shown as well
    _filtering: Timer | None = None

    def begin(self) -> None:
        self.asked = self.query_one("#log-filter", Typed).value = ""
        super().begin()
        self.apply_filter()

    def do_log_filter(self) -> None:
        self.type_into("log-filter")

    @on(Input.Changed, "#log-filter")
    def _filter_typed(self, message: Input.Changed) -> None:
        if self._filtering is not None:
            self._filtering.stop()
        self._filtering = self.set_timer(TYPING_S, partial(self.filter_log, message.value))

    @on(Typed.Closed, "#log-filter")
    def _filter_closed(self, message: Typed.Closed) -> None:
        self.typed(message.line)
        if not message.kept:
            self.forget_filter()

    def forget_filter(self) -> None:
        """Show all lines again, from where they are."""
        self.query_one("#log-filter", Typed).value = ""
        self.filter_log("")

    def filter_log(self, asked: str) -> None:
        """Show the lines that fit, with as many around each as `-C 2` at the end asks for."""
        if self._filtering is not None:
            self._filtering.stop()
        around = _AROUND.search(asked)
        words = asked[: around.start()] if around else asked
        context = int(around[1]) if around else self.context if words else 0
        if (words, context) != (self.asked, self.context):
            self.asked, self.context = words, context
            self.apply_filter()

    def do_level(self) -> None:
        self.least = LEAST[(LEAST.index(self.least) + 1) % len(LEAST)]
        self.apply_filter()

    def more_context(self, step: int) -> None:
        """More lines around each that the filter lets through, or fewer."""
        self.context = max(0, self.context + step)
        self.apply_filter()

    def apply_filter(self) -> None:
        """Show what fits the filter and the level, from where they are."""
        view, shown = self.panes.log_view, self.shown
        if shown is None:
            return
        place, wanted = view.top, sieve.filter_of(self.asked)
        both = Sieve((*sieve.of_filter(wanted).groups, *sieve.of_level(self.least).groups))
        shown.filter(both if both.groups else None, self.context)
        if not view.follow:
            view.keep(place)
        self.looked()
        self.text_changed()

    @property
    def is_narrowed(self) -> bool:
        """Whether the log is in view, and not all of it."""
        return self.panes.name_in_view == "log" and self.shown is not None and self.shown.filtered

    def show_lines_said(self) -> None:
        """Say below the log what of it is shown, and what its times are."""
        said = [*self._said_of_faults(), *self._said()] if self.panes.name_in_view == "log" else []
        line = self.query_one("#lines-said", Words)
        line.display = bool(said)
        line.show(" · ".join(said))

    def _said_of_faults(self) -> list[str]:
        """What of the filter or the search could not be understood, or is not there."""
        faults = [
            sieve.filter_of(self.asked).fault,
            self.searched.fault if self.searched is not None else "",
            self.shown.fault if self.shown is not None else "",
            "the file was deleted" if self.follower is not None and self.follower.log.gone else "",
        ]
        return [f"✗ {fault}" for fault in faults if fault]

    def more_said(self) -> list[str]:
        """What else there is to say of the lines."""
        return []

    def _said(self) -> list[str]:
        """Numbers first: what was typed is as long as it is."""
        shown, marks = self.shown, len(self.panes.log_view.marks)
        said = [several(marks, "mark")] if marks else []
        said += self.more_said()
        if shown is not None and shown.looked_at < 1:
            said.insert(0, f"{shown.looked_at:.0%} looked at")
        if shown is not None and shown.filtered:
            around = [f"{several(self.context, 'line')} around"] if self.context else []
            least = [f"level {self.least} or worse"] if self.least else []
            asked = [f"only {self.asked}"] if self.asked else []
            said = [f"{shown.count:,} of {shown.line_count:,} lines", *around, *said, *least, *asked]
        return said
