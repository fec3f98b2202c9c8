"""What can be done with the log of a run: filter it, tell its times, mark lines, save it, copy from it."""

from __future__ import annotations

import re
import time
from functools import partial
from pathlib import Path
from typing import Any

from textual import on
from textual.timer import Timer
from textual.widgets import Input

from tui import levels, sieve
from tui.format import several
from tui.lab import Undo
from tui.screens.paned import PanedRun
from tui.screens.texts import TextActs
from tui.services import saving
from tui.services.filtered import FilteredLog
from tui.services.times import Times
from tui.sieve import Sieve
from tui.widgets.entry import Typed
from tui.widgets.lines import LineView
from tui.widgets.words import Words

NOTHING_YET, NO_LINE = "it has printed nothing yet", "no line fits the filter"
TYPING_S = 0.06
OFTEN_S, SELDOM_S = 0.08, 0.5  # between two paints of a log that grows; seldom where the line is slow
TIMES_S = 1.0
LEAST = ("", "warning", "error")
_AROUND = re.compile(r"(?:^|\s)-C\s*(\d{1,3})\s*$")


class LogActs(PanedRun, TextActs, inherit_bindings=False):
    """A screen with the log of a run, and a line `#log-filter` to type in."""

    shown: FilteredLog | None = None
    times: Times | None = None
    asked = ""  # the filter as it was typed
    least = ""  # the least level of lines that are shown
    context = 0  # lines around each that are shown as well
    tells_times = False
    _typing: Timer | None = None
    _growing: Timer | None = None
    _grew_at = _times_read_at = 0.0
    _afresh = False
    _shows = 0

    def begin(self) -> None:
        assert self.follower is not None
        if self.shown is not None:
            self.shown.close()
        self.shown = FilteredLog(self.follower.log, self.tell_looked)
        self.times = Times(self.lab.workspace, self.run_id, self.follower.log)
        self.asked = self.query_one("#log-filter", Typed).value = ""
        super().begin()
        self.panes.log_view.show(self.shown, empty=NOTHING_YET)
        self._filter()
        self._show_times()

    def on_unmount(self) -> None:
        super().on_unmount()
        if self.shown is not None:
            self.shown.close()

    def log_grew(self, afresh: bool) -> None:
        """Show it now, or with what else comes within a moment, since each time is bytes over ssh."""
        if self.times is not None:
            self.times.saw(self.lab.now())
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
        if self.tells_times and self._grew_at - self._times_read_at > TIMES_S:
            self._show_times()
        super().log_grew(afresh)
        self.text_changed()

    def finder(self, text: LineView) -> FilteredLog:
        return self.shown if self.shown is not None and text.source is self.shown else super().finder(text)

    def looked(self) -> None:
        if self.shown is not None:
            self.shown.notice()
            view, others = self.panes.log_view, self.shown.shows != self._shows
            self._shows, view.signs = self.shown.shows, self.shown.has_asides
            view.empty = NO_LINE if self.shown.filtered else NOTHING_YET
            if others or self.shown.filtered:
                view.grew(afresh=others)
        super().looked()

    # --- filtering -----------------------------------------------------------------------------------------------

    def do_log_filter(self) -> None:
        self.type_into("log-filter")

    @on(Input.Changed, "#log-filter")
    def _filter_typed(self, message: Input.Changed) -> None:
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(TYPING_S, partial(self.filter_log, message.value))

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
        if self._typing is not None:
            self._typing.stop()
        around = _AROUND.search(asked)
        words = asked[: around.start()] if around else asked
        context = int(around[1]) if around else self.context if words else 0
        if (words, context) != (self.asked, self.context):
            self.asked, self.context = words, context
            self._filter()

    def do_level(self) -> None:
        self.least = LEAST[(LEAST.index(self.least) + 1) % len(LEAST)]
        self._filter()

    def more_context(self, step: int) -> None:
        """More lines around each that the filter lets through, or fewer."""
        self.context = max(0, self.context + step)
        self._filter()

    def _filter(self) -> None:
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

    def _said(self) -> list[str]:
        """Numbers first: what was typed is as long as it is."""
        shown, marks = self.shown, len(self.panes.log_view.marks)
        said = [several(marks, "mark")] if marks else []
        if self.times is not None and self.tells_times:
            said.append(self.times.said)
        if shown is not None and shown.looked_at < 1:
            said.insert(0, f"{shown.looked_at:.0%} looked at")
        if shown is not None and shown.filtered:
            around = [f"{several(self.context, 'line')} around"] if self.context else []
            least = [f"level {self.least} or worse"] if self.least else []
            asked = [f"only {self.asked}"] if self.asked else []
            said = [f"{shown.count:,} of {shown.line_count:,} lines", *around, *said, *least, *asked]
        return said

    # --- times, marks --------------------------------------------------------------------------------------------

    def do_times(self) -> None:
        self.tells_times = not self.tells_times
        self._show_times()
        self.text_changed()

    def _show_times(self) -> None:
        if not self.tells_times or self.times is None:
            self.panes.log_view.tell(None)
        else:
            self._times_read_at = time.monotonic()
            self.run_worker(partial(self._read_times, self.times), thread=True, group="times", exclusive=True)

    def _read_times(self, times: Times) -> None:
        times.look()
        self.post_message(self.Finished(partial(self._times_are_read, times)))

    def _times_are_read(self, times: Times) -> None:
        if self.tells_times and times is self.times:
            self.panes.log_view.tell(times.words, times.width)
        self.text_changed()

    def do_line_mark(self) -> None:
        self.panes.log_view.mark()

    def do_next_mark(self) -> None:
        self.panes.log_view.next_mark(1)
        self.text_changed()

    # --- out of it -----------------------------------------------------------------------------------------------

    def what_to_save(self) -> str:
        """The question before it is saved."""
        shown = self.shown
        assert shown is not None
        what = f"the {shown.count:,} lines that are shown" if shown.filtered else f"all {shown.line_count:,} lines"
        return f"Save {what} of this log?\n\nThey go into a new file in {self.lab.workspace.root / saving.FOLDER}."

    def do_save(self) -> None:
        shown = self.shown
        if shown is None or shown.log.index is None:
            return
        lines = shown.shown_lines() if shown.filtered else None
        name = f"{self.run_id}-log{'-filtered' * shown.filtered}.txt"
        self.work("saving", partial(saving.save, self.lab.gate, shown.log.index, lines, name), self._saved)

    def _saved(self, done: tuple[Path, str]) -> None:
        path, words = done
        self.lab.undos.append(Undo(f"saving {path.name}", partial(saving.remove, self.lab.gate, path)))
        self.tell(words)

    def lines_to_copy(self) -> tuple[str, str]:
        """The marked lines, else those in view, as they stand on the screen; and what they are in words."""
        view = self.panes.log_view
        numbers = sorted(view.marks) or view.numbers_in_view
        rows = [view.source.row(number) for number in numbers]
        text = "".join(f"{line}\n" for row in rows for line in view.source.lines(row, row + 1))
        return text, f"{several(len(numbers), 'marked line' if view.marks else 'line')}"

    # --- what is kept --------------------------------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        own = {"wrap": self.panes.log_view.wrap, "times": self.tells_times, "least": self.least}
        return {**super().kept(), **own}

    def restore(self, kept: dict[str, Any]) -> None:
        super().restore(kept)
        self.panes.log_view.set_wrap(kept.get("wrap") is True)
        self.tells_times = kept.get("times") is True
        self.least = kept["least"] if kept.get("least") in levels.LEVELS else ""
        self._filter()
        self._show_times()
