"""Which folder here, and which way: what has to be known before a folder and a part of a bucket are made the same."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui.screens.dialog import Dialog
from tui.widgets.entry import Line
from tui.widgets.words import Words

WAYS = {"down": "from the bucket to the folder here", "up": "from the folder here to the bucket"}


class Bringing(Dialog[tuple[str, str] | None], inherit_bindings=False):
    """Answers with the way and the folder; None where nothing is wanted."""

    def __init__(self, place: str, folder: str) -> None:
        super().__init__()
        self._place, self._folder, self._way = place, folder, "down"

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(f"Make the same: {self._place}", classes="title", markup=False)
            yield Static("and this folder of the workspace, or of this machine", classes="label", markup=False)
            yield Line(self._folder)
            yield Words(id="way")
            yield Static("tab: the other way     enter: plan it     esc: leave", classes="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(Line).action_select_all()
        self._show()

    def _show(self) -> None:
        self.query_one("#way", Words).show(f"→ {WAYS[self._way]}; nothing is deleted, conflicts are named")

    @on(Input.Submitted)
    def _wanted(self, message: Input.Submitted) -> None:
        if message.value.strip() and not self.too_small:
            self.answer((self._way, message.value.strip()))

    def on_key(self, event: events.Key) -> None:
        if event.key in ("tab", "shift+tab"):
            self._way = "up" if self._way == "down" else "down"
            self._show()
        elif event.key == "escape":
            self.answer(None)
        else:
            return
        event.stop()
