"""A question before something that costs or cannot be seen coming back: y or enter says yes, anything else no."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tui.screens.dialog import Dialog


class Confirm(Dialog[bool], inherit_bindings=False):
    """Names the thing and waits for one key."""

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self.question, markup=False)
            yield Static("y or enter: yes     any other key: no", classes="hint", markup=False)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        self.answer(event.key in ("y", "enter"))
