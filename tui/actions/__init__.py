"""The one table of what an operator can do: keys, footer, help, palette, questions and docs all come from it."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from tui.actions.action import COMPARE as COMPARE
from tui.actions.action import LAUNCH as LAUNCH
from tui.actions.action import OVERVIEW as OVERVIEW
from tui.actions.action import RUN as RUN
from tui.actions.action import RUNS as RUNS
from tui.actions.action import SCREENS as SCREENS
from tui.actions.action import Action as Action
from tui.actions.action import Facts as Facts
from tui.actions.changing import CHANGING
from tui.actions.everywhere import EVERYWHERE
from tui.actions.going import GOING, MOVING
from tui.actions.looking import LOOKING

TABLE: tuple[Action, ...] = (*GOING, *MOVING, *LOOKING, *CHANGING, *EVERYWHERE)
BY_ID = {action.id: action for action in TABLE}
GROUPS = ("Go", "Move", "Look", "Change", "Footplate")
_WRITTEN = {"escape": "esc", "pagedown": "pgdn", "pageup": "pgup", "shift+tab": "⇧tab",
            "up": "↑", "down": "↓", "left": "←", "right": "→"}  # fmt: skip


def of(screen: str) -> list[Action]:
    """What can be done on a screen."""
    return [action for action in TABLE if screen in action.screens]


def bindings(screen: str) -> list[BindingType]:
    """The keys of a screen; each has the id of its action, by which the keys file can move it."""
    return [
        Binding(",".join(action.keys), f"act('{action.id}')", action.label, show=False, tooltip=action.help,
                id=action.id, priority=action.id == "quit")
        for action in of(screen) if action.keys
    ]  # fmt: skip


def shown(key: str) -> str:
    """A key as it is written on the screen: ^s, space, ?."""
    return _WRITTEN.get(key, key.replace("ctrl+", "^"))
