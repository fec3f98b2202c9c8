"""The keys file: `keys.yaml` beside the settings moves actions to other keys. Each fault is told, and passed over."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import home
from tui.actions import BY_ID, SCREENS, Action, of

Keys = Mapping[str, tuple[str, ...]]  # an action's id, and the keys that somebody gave it
NAMED = ("space", "enter", "escape", "backspace", "tab", "up", "down", "left", "right", "home", "end", "insert",
         "delete", "pageup", "pagedown", *(f"f{number}" for number in range(1, 13)))  # fmt: skip
LOST = {"ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+j": "enter", "ctrl+m": "enter"}  # what a terminal makes of them
_KEY = re.compile(rf"[!-~]|((ctrl|shift|ctrl\+shift)\+)?({'|'.join(NAMED)})|ctrl\+[a-z]")


@dataclass(frozen=True)
class Keymap:
    """Keys by action, and what of the file could not be understood, each with its line."""

    keys: Keys
    faults: tuple[str, ...] = ()


class _Wrong(Exception):
    """An entry that is passed over, and why."""


def path(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the file lies."""
    return home.config(environ) / "keys.yaml"


def load(file: Path) -> Keymap:
    """What the file says; one that is not there moves nothing."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Keymap({})
    except (OSError, UnicodeDecodeError) as error:
        return Keymap({}, (f"cannot be read: {error}",))
    from engine import yamltext  # most people have no such file

    try:
        values, lines = yamltext.load(text)
    except yamltext.Unreadable as error:
        named = f"{error.place}: " if error.place else ""
        return Keymap({}, (f"line {error.line}: {named}{error.message}; so no key was moved",))
    return _checked(values, {name: f"line {lines.get((name,), 1)}" for name in values})


def _checked(values: Mapping[str, Any], places: Mapping[str, str]) -> Keymap:
    wanted: dict[str, tuple[str, ...]] = {}
    faults = []
    for name, value in values.items():
        try:
            wanted[_action(name).id] = _keys(value)
        except _Wrong as wrong:
            faults.append(f"{places[name]}: {name}: {wrong}")
    while clash := next(_clashes(wanted), None):
        name, words = clash
        del wanted[name]  # its own keys come back, which may be taken by now
        faults.append(f"{places[name]}: {name}: {words}")
    return Keymap(wanted, tuple(faults))


def _action(name: str) -> Action:
    if name in BY_ID:
        return BY_ID[name]
    near = difflib.get_close_matches(str(name), BY_ID, n=1)
    raise _Wrong(f"no such action; {f'did you mean {near[0]}?' if near else 'footplate keys lists them'}")


def _keys(value: Any) -> tuple[str, ...]:
    keys = [str(key) for key in (value if isinstance(value, list) else [value])]
    for key in keys:
        if key in LOST:
            raise _Wrong(f"{key} reaches no program: a terminal sends {LOST[key]} for it")
        if not _KEY.fullmatch(key):
            raise _Wrong(f"{key!r} is no key; expected a sign like x or ?, a name like space, or ctrl+s")
    if not keys:
        raise _Wrong("expected a key or a list of keys; an action without any would be out of reach")
    return tuple(keys)


def _clashes(wanted: Keys) -> Iterator[tuple[str, str]]:
    """Actions that would take a key which another one has on the same screen."""
    for screen in SCREENS:
        taken: dict[str, Action] = {}
        for action in sorted(of(screen), key=lambda action: action.id in wanted):  # those that stay come first
            for key in wanted.get(action.id, action.keys):
                other = taken.setdefault(key, action)
                if other is not action:
                    yield action.id, f"{key} is taken by {other.id} on the screen {screen}; move that one as well"


def for_textual(keys: Keys) -> dict[str, str]:
    """The same as Textual takes it: by the ids of bindings, keys by their names, parted by commas."""
    return {name: ",".join(map(named, its)) for name, its in keys.items()}


def named(key: str) -> str:
    """A key as Textual names it when it is pressed."""
    from textual.keys import _character_to_key

    return _character_to_key(key) if len(key) == 1 else key
