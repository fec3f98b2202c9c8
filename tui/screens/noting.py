"""A line to type a note in, or a name."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui.screens.dialog import Dialog
from tui.widgets.entry import Line


class Noting(Dialog[str | None], inherit_bindings=False):
    """Answers with what was typed; None where it stays as it was."""

    def __init__(self, note: str, title: str = "A note to this frame", *, replaced: bool = False) -> None:
        """Where it is `replaced`, the first key takes the place of what stands there; an arrow goes into it."""
        super().__init__()
        self._note, self._title, self._replaced = note, title, replaced

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="title", markup=False)
            yield Line(self._note)
            yield Static("enter: keep     esc: leave as it was", classes="hint", markup=False)

    def on_mount(self) -> None:
        if self._replaced:
            self.query_one(Line).action_select_all()

    @on(Input.Submitted)
    def _keep(self, message: Input.Submitted) -> None:
        if not self.too_small:
            self.answer(message.value.strip())

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            self.answer(None)
