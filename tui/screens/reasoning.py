"""A line to say why, with what was said before to choose from, and who decides."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from tui.screens.dialog import Dialog
from tui.widgets.columns import Column
from tui.widgets.entry import Line
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words

COLUMNS = (Column("reason", "earlier reasons", 20, flex=1),)
STEPS = {"down": 1, "up": -1, "pagedown": 6, "pageup": -6}
HINT = "enter: decide · ↓ ↑ ctrl+y: take an earlier reason · tab: the other line · esc: leave it open"


class Reasoning(Dialog[tuple[str, str] | None], inherit_bindings=False):
    """Answers with the reason and the name of who decides; None where nothing was decided."""

    def __init__(self, title: str, earlier: Sequence[str], by: str) -> None:
        super().__init__()
        self._title, self._earlier, self._by = title, earlier, by

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog high"):
            yield Static(self._title, classes="title", markup=False)
            yield Static("why", classes="label", markup=False)
            yield Line(placeholder="a rule of the codebook, or what is to be seen", id="reason")
            yield Static("who decides", classes="label", markup=False)
            yield Line(self._by, placeholder="your name, which is kept with it", id="by")
            yield Table(COLUMNS, empty="no earlier reason")
            yield Words(id="missing")
            yield Static(HINT, classes="hint", markup=False)

    def on_mount(self) -> None:
        self._show()

    @on(Input.Changed, "#reason")
    def _show(self) -> None:
        typed = self.query_one("#reason", Line).value.casefold()
        fitting = [reason for reason in self._earlier if typed in reason.casefold()]
        self.query_one(Table).show(fitting, lambda reason: (Cell(reason),))

    def _take(self) -> None:
        """Take the earlier reason under the cursor."""
        line, key = self.query_one("#reason", Line), self.query_one(Table).rows.key
        if key:
            line.value = key
            line.cursor_position = len(key)

    @on(Table.Opened)
    def _clicked(self) -> None:
        self._take()

    @on(Input.Submitted)
    def _decide(self) -> None:
        reason, by = (self.query_one(f"#{name}", Line).value.strip() for name in ("reason", "by"))
        if not (reason and by):
            self.query_one("#missing", Words).show("say why" if not reason else "say who decides")
            self.query_one("#reason" if not reason else "#by").focus()
        elif not self.too_small:
            self.answer((reason, by))

    def on_key(self, event: events.Key) -> None:
        if event.key in STEPS:
            self.query_one(Table).move(STEPS[event.key])
        elif event.key == "ctrl+y":
            self._take()
        elif event.key in ("tab", "shift+tab"):
            self.query_one("#by" if self.focused is self.query_one("#reason") else "#reason").focus()
        elif event.key == "escape":
            self.answer(None)
        else:
            return
        event.stop()
