"""What can be done with the log of a run: tell its times, mark lines, save it, copy from it."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

from tui import levels
from tui.format import several
from tui.lab import Undo
from tui.screens.filtering import FilterActs
from tui.services import saving
from tui.services.times import Times
from tui.widgets.paint import bare

TIMES_S = 1.0


class LogActs(FilterActs, inherit_bindings=False):
    """A screen with a log."""

    times: Times | None = None
    tells_times = False
    _times_read_at = 0.0

    def begin(self) -> None:
        assert self.follower is not None
        self.times = Times(self.lab.workspace, self.run_id, self.follower.log)
        super().begin()
        self._show_times()

    def log_grew(self, afresh: bool) -> None:
        if self.times is not None:
            self.times.saw(self.lab.now())
        if self.tells_times and time.monotonic() - self._times_read_at > TIMES_S:
            self._show_times()
        super().log_grew(afresh)

    def more_said(self) -> list[str]:
        return [self.times.said] if self.times is not None and self.tells_times else []

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
        text = "".join(f"{bare(line)}\n" for row in rows for line in view.source.lines(row, row + 1))
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
        self.apply_filter()
        self._show_times()
