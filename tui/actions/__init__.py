"""The one table of what an operator can do: keys, footer, help, palette, questions and docs all come from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from textual.binding import Binding, BindingType

from tui.actions.action import AGREEMENT as AGREEMENT
from tui.actions.action import ANNOTATE as ANNOTATE
from tui.actions.action import BUCKET as BUCKET
from tui.actions.action import COMPARE as COMPARE
from tui.actions.action import LABEL as LABEL
from tui.actions.action import LAUNCH as LAUNCH
from tui.actions.action import MACHINES as MACHINES
from tui.actions.action import OVERVIEW as OVERVIEW
from tui.actions.action import REPLAY as REPLAY
from tui.actions.action import ROUNDS as ROUNDS
from tui.actions.action import RUN as RUN
from tui.actions.action import RUNS as RUNS
from tui.actions.action import SCREENS as SCREENS
from tui.actions.action import Action as Action
from tui.actions.action import Facts as Facts
from tui.actions.agreeing import AGREEING
from tui.actions.bucketing import BUCKETING
from tui.actions.changing import CHANGING
from tui.actions.comparing import COMPARING
from tui.actions.everywhere import EVERYWHERE
from tui.actions.going import GOING, MOVING
from tui.actions.labelling import LABELLING
from tui.actions.looking import LOOKING
from tui.actions.machining import MACHINING
from tui.actions.replaying import REPLAYING
from tui.actions.rounding import ROUNDING

TABLE: tuple[Action, ...] = (
    *GOING, *MOVING, *LOOKING, *COMPARING, *LABELLING, *AGREEING,
    *ROUNDING, *MACHINING, *BUCKETING, *CHANGING, *REPLAYING, *EVERYWHERE,
)  # fmt: skip
BY_ID = {action.id: action for action in TABLE}
_PLACE = re.compile(r"\{(\w+)\}")
GROUPS = ("Go", "Move", "Look", "Label", "Change", "Replay", "Footplate")
_WRITTEN = {"escape": "esc", "pagedown": "pgdn", "pageup": "pgup",
            "plus": "+", "minus": "-", "up": "↑", "down": "↓", "left": "←", "right": "→", "comma": ",",
            "ampersand": "&", "apostrophe": "'"}  # fmt: skip


def of(*screens: str) -> list[Action]:
    """What can be done on a screen, or on any of several."""
    return [action for action in TABLE if not set(screens).isdisjoint(action.screens)]


def bindings(screen: str) -> list[BindingType]:
    """The keys of a screen; each has the id of its action, by which the keys file can move it."""
    return [
        Binding(",".join(action.keys), f"act('{action.id}')", action.label, show=False, tooltip=action.help,
                id=action.id, priority=action.id == "quit")
        for action in of(screen) if action.keys
    ]  # fmt: skip


def worded(words: str, keys: Callable[[Action], Sequence[str]]) -> str:
    """Words in which `{stop}` stands for the key of an action, with the key that it has."""
    return _PLACE.sub(lambda match: _first(match, keys), words)


def _first(match: re.Match[str], keys: Callable[[Action], Sequence[str]]) -> str:
    action = BY_ID.get(match[1])
    return shown(keys(action)[0]) if action is not None and keys(action) else match[0]


def shown(key: str) -> str:
    """A key as it is written on the screen: ^s, space, ?."""
    return _WRITTEN.get(key, key.replace("ctrl+", "^"))
