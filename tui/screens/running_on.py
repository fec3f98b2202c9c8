"""Where a run goes: a list of machines, and what becomes of the one that is chosen."""

from __future__ import annotations

from dataclasses import replace

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from engine.remote.wish import Wish
from tui import onwhere
from tui.onwhere import Where
from tui.screens.dialog import MOVES, Dialog
from tui.services.machines import Found
from tui.widgets.table import Table
from tui.widgets.words import Words

HINT = "t: afterwards  a: keep alive  u: uncommitted  enter: take  esc: leave"


class RunningOn(Dialog[Where | None], inherit_bindings=False):
    """Answers with a place; None where it stays as it was."""

    def __init__(self, found: Found, before: Where) -> None:
        super().__init__()
        self._found = found
        self._wish = before.wish or Wish("", then="stop")
        self._before = before
        self._rows = onwhere.rows(found)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide high"):
            yield Static("Where does it run?", classes="title", markup=False)
            yield Table(onwhere.COLUMNS)
            yield Words(id="said")
            yield Static(HINT, classes="hint", markup=False)

    def on_mount(self) -> None:
        table = self.query_one(Table)
        table.show(list(self._rows), self._rows.__getitem__)
        if self._before.wish is not None:
            table.go_to(self._before.wish.name)
        self._tell()

    def _chosen(self) -> Where:
        return onwhere.chosen(self.query_one(Table).rows.key, self._found, self._wish)

    @on(Table.Moved)
    def _tell(self) -> None:
        where, found = self._chosen(), self._found
        lines = [where.words]
        if where.wish is not None:
            lines.append(onwhere.AFTER[where.wish.then])
        if found.trouble:
            lines.append(f"! {found.trouble}")
        lines += ["SIMULATED: machines are processes of this computer"] * found.simulated
        self.query_one("#said", Words).show("\n".join(lines))

    def on_key(self, event: events.Key) -> None:
        wish = self._wish
        changes = {"t": {"then": onwhere.next_then(wish.then)}, "a": {"keep_alive": not wish.keep_alive},
                   "u": {"uncommitted": not wish.uncommitted}}  # fmt: skip
        event.stop()
        if event.key in MOVES:
            self.query_one(Table).move(MOVES[event.key])
        elif event.key in changes:
            self._wish = replace(wish, **changes[event.key])  # type: ignore[arg-type]
            self._tell()
        elif event.key == "enter" and not self.too_small:
            self.answer(self._chosen())
        elif event.key in ("escape", "q"):
            self.answer(None)

    @on(Table.Opened)
    def _clicked(self) -> None:
        self.answer(self._chosen())
