"""`python -m bench.bare`: the least that Textual can paint, a label; what our first paint is measured against."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import Static

WORDS = "bare is painted"


class Bare(App[None]):
    """A label."""

    BINDINGS = [("q", "quit", "leave")]  # noqa: RUF012 (Textual reads it so)

    def compose(self) -> ComposeResult:
        yield Static(WORDS)


if __name__ == "__main__":
    Bare().run()
