"""A question before something that changes, costs or deletes; which answer counts depends on the danger."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui.actions import shown
from tui.actions.action import Danger
from tui.screens.dialog import Dialog
from tui.widgets.entry import Line
from tui.widgets.words import Words


class Confirm(Dialog[bool], inherit_bindings=False):
    """Names the thing and waits: a change takes y, enter or its own key again; what costs takes y alone.

    What is deleted for good is named by `typed`, which has to be typed.
    """

    def __init__(self, question: str, danger: Danger = "costly", again: Sequence[str] = (), typed: str = "") -> None:
        super().__init__()
        self.question = question
        self._yes = ("y", "enter", *again) if danger == "change" else ("y",)
        self._typed = typed if danger == "delete" else ""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self.question, markup=False)
            if self._typed:
                yield Line()
                yield Words(id="not-so", classes="wrong")
            yield Static(self._hint, classes="hint", markup=False)

    @property
    def _hint(self) -> str:
        if self._typed:
            return f"type {self._typed} and enter: yes     esc: no"
        return f"{' or '.join(shown(key) for key in self._yes)}: yes     any other key: no"

    def on_key(self, event: events.Key) -> None:
        if not self._typed:
            event.stop()
            self.answer(event.key in self._yes and not self.too_small)
        elif event.key == "escape":
            event.stop()
            self.answer(False)

    @on(Input.Submitted)
    def _given(self, message: Input.Submitted) -> None:
        if self.too_small:
            self.answer(False)
        elif message.value.strip() == self._typed:
            self.answer(True)
        else:
            typed = message.value.strip()
            said = f"{typed} is not {self._typed}" if typed else f"nothing is typed: it has to be {self._typed}"
            self.query_one("#not-so", Words).show(f"✗ {said}; nothing was done")
