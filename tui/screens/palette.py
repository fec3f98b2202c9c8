"""The command palette: every action of a screen by its name; what cannot be done just now says why.

Some take words behind their name: `runs state:failed`, `run 3f9c`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from tui.actions import Action, Facts, of, shown, worded
from tui.filter import compiled
from tui.screens.dialog import Dialog
from tui.widgets.columns import Column
from tui.widgets.entry import Line
from tui.widgets.table import Table
from tui.widgets.tones import Cell

COLUMNS = (
    Column("label", "command", 16),
    Column("keys", "keys", 9),
    Column("help", "what it does", 30, flex=1, keep=8),
)
MOVES = {"down": 1, "up": -1, "ctrl+n": 1, "pagedown": 8, "pageup": -8, "tab": 1, "shift+tab": -1}
Keys = Callable[[Action], Sequence[str]]


class Palette(Dialog[str], inherit_bindings=False):
    """Answers with the id of an action and the words for it; empty where nothing was chosen."""

    def __init__(self, screen: str, facts: Facts, keys: Keys, more: str = "") -> None:
        super().__init__()
        self._facts, self._keys = facts, keys
        self._actions = [action for action in of(screen, more) if action.group != "Move" and action.id != "palette"]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield Line(placeholder="name of a command")
            yield Table(COLUMNS, empty="no such command")

    def on_mount(self) -> None:
        self._show("")

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        self._show(message.value)

    def _show(self, asked: str) -> None:
        """Those whose name begins with what was typed come first."""
        first, _, rest = asked.partition(" ")
        named = rest and first in {action.id for action in self._actions}
        wanted = compiled(f"id:/^{first}$/" if named else asked)
        found = [action for action in self._actions if wanted.fits(_fields(action))]
        found.sort(key=lambda action: not f"{action.label} {action.id}".startswith(asked.lower()))
        table = self.query_one(Table)
        rows = {action.id: self._cells(action) for action in found}
        table.show(list(rows), rows.__getitem__)
        table.edge(False)

    def _cells(self, action: Action) -> tuple[Cell, ...]:
        reason = action.reason(self._facts)
        keys = " ".join(shown(key) for key in self._keys(action))
        words = worded(f"not now: {reason}" if reason else action.help, self._keys)
        return Cell(action.label, "dim" if reason else "strong"), Cell(keys, "accent"), Cell(words, "dim")

    @on(Table.Opened)
    def _clicked(self, message: Table.Opened) -> None:
        self.answer(message.key)

    @on(Input.Submitted)
    def _chosen(self, message: Input.Submitted) -> None:
        first, _, rest = message.value.strip().partition(" ")
        named = rest and first in {action.id for action in self._actions}
        self.answer(f"{first} {rest.strip()}" if named else self.query_one(Table).rows.key)

    def on_key(self, event: events.Key) -> None:
        table = self.query_one(Table)
        if event.key in MOVES:
            table.move(MOVES[event.key])
        elif event.key == "escape":
            self.answer("")
        else:
            return
        event.stop()


def _fields(action: Action) -> dict[str, str]:
    return {"id": action.id, "name": action.label, "help": action.help}
