"""What a reliability card says in words."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tui.screens.dialog import Reading
from tui.widgets.moves import Scroll
from tui.widgets.words import Words


class CardWords(Reading, inherit_bindings=False):
    """Paragraphs to read."""

    def __init__(self, title: str, paragraphs: Sequence[str]) -> None:
        super().__init__()
        self._title, self._paragraphs = title, paragraphs

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide tall"):
            yield Static(self._title, classes="title", markup=False)
            with Scroll():
                yield Words("\n\n".join(self._paragraphs))
            yield Static("j k: move     any other key: close", classes="hint", markup=False)

    def through(self) -> Scroll:
        return self.query_one(Scroll)
