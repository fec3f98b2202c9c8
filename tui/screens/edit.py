"""Tags and a note for a run."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui.screens.dialog import Dialog
from tui.widgets.entry import Line

Given = tuple[tuple[str, ...], str]


class Edit(Dialog[Given | None], inherit_bindings=False):
    """Two lines: tags as words, and a note; enter keeps both, escape neither."""

    BINDINGS = [  # noqa: RUF012 (Textual reads it so)
        Binding("escape", "leave", priority=True),
        Binding("tab,down", "app.focus_next"),
        Binding("shift+tab,up", "app.focus_previous"),
    ]

    def __init__(self, name: str, tags: Sequence[str], note: str) -> None:
        super().__init__()
        self._of, self._tags, self._note = name, tags, note

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._of, classes="title", markup=False)
            yield Static("tags (words)", classes="label", markup=False)
            yield Line(" ".join(self._tags), id="tags")
            yield Static("note", classes="label", markup=False)
            yield Line(self._note, id="note")
            yield Static("enter: keep     tab: next line     esc: leave as it was", classes="hint", markup=False)

    @on(Input.Submitted)
    def _keep(self) -> None:
        if self.too_small:
            return
        tags = self.query_one("#tags", Line).value.replace(",", " ").split()
        tags = [tag.removeprefix("#") for tag in tags if tag != "#"]  # as the screens write them
        self.answer((tuple(dict.fromkeys(tags)), self.query_one("#note", Line).value.strip()))

    def action_leave(self) -> None:
        self.answer(None)
