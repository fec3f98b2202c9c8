"""To which time of a recording to go."""

from __future__ import annotations

import re

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui.screens.dialog import Dialog
from tui.services.recording.replay import minutes
from tui.widgets.entry import Line

_TIME = re.compile(r"([+-]?)(?:(\d+):)?(?:(\d+):)?(\d+(?:\.\d*)?)(%?)")


class Seek(Dialog[float | None], inherit_bindings=False):
    """A line for a time; answers with seconds, or None."""

    BINDINGS = [Binding("escape", "leave", priority=True)]  # noqa: RUF012 (Textual reads it so)

    def __init__(self, here: float, length_s: float) -> None:
        super().__init__()
        self._here, self._length_s = here, length_s

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            words = f"To which time? It is {minutes(self._here)} of {minutes(self._length_s)}"
            yield Static(words, classes="title", markup=False)
            yield Line(placeholder="1:30  90  +30  -30  50%")
            yield Static("enter: go there     esc: stay", classes="hint", id="seek-hint", markup=False)

    @on(Input.Submitted)
    def _go(self, message: Input.Submitted) -> None:
        position = place(message.value.strip(), self._here, self._length_s)
        if position is None:
            self.query_one("#seek-hint", Static).update(f"{message.value!r} is no time: 1:30, 90, +30, -30 or 50%")
        else:
            self.answer(position)

    def action_leave(self) -> None:
        self.answer(None)


def place(text: str, here: float, length_s: float) -> float | None:
    """The seconds that a text means; None where it means none."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    sign, first, second, last, percent = found.groups()
    if percent:
        return None if sign or first else length_s * float(last) / 100
    hours, minutes_ = (first, second) if second else ("0", first or "0")
    seconds = int(hours) * 3600 + int(minutes_) * 60 + float(last)
    return here + seconds * {"+": 1, "-": -1}[sign] if sign else seconds
