"""All keys as a page, for `footplate keys` and docs/keys.md; made from the table of actions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from tui.actions import GROUPS, SCREENS, TABLE, Action, shown, worded
from tui.keymap import Keys

ASKS = {"look": "", "change": "one key confirms", "costly": "asks, `y` confirms", "delete": "asks for the name"}
INTRO = """# Keys

Made by `footplate keys --markdown` from the table of actions, as are the footer, `?` and the palette (`:`).

An action is moved by its id in `~/.config/footplate/keys.yaml` (or `$XDG_CONFIG_HOME/footplate/keys.yaml`):

```yaml
stop: X
page_down: [pagedown, ctrl+f]
```

`footplate keys` shows the keys as they are on this machine, and every fault of that file with its line.
In a question `y` confirms; a change also takes `enter` or its own key once more.
Where the screen is smaller than 60×14, no key acts but the one that quits."""


def as_json(keys: Keys) -> str:
    """For programs: a line an action."""
    found = [
        {"id": action.id, "keys": keys.get(action.id, action.keys), "label": action.label, "help": action.help,
         "screens": action.screens, "danger": action.danger, "verb": action.verb}
        for action in TABLE
    ]  # fmt: skip
    return "[" + ",\n ".join(json.dumps(entry) for entry in found) + "]"


def as_text(keys: Keys) -> str:
    """For people: keys, id and what it does."""
    rows = [
        (_written(action, keys), action.id, worded(action.help, lambda one: keys.get(one.id, one.keys)))
        for action in TABLE
    ]
    wide, ids = (max(len(row[place]) for row in rows) for place in (0, 1))
    return "\n".join(f"{its:<{wide}}  {name:<{ids}}  {words}" for its, name, words in rows)


def as_markdown(keys: Keys) -> str:
    """The page of the documentation."""
    return "\n".join([INTRO, *(line for group in GROUPS for line in _group(group, keys))]) + "\n"


def _group(group: str, keys: Keys) -> Iterator[str]:
    yield from ("", f"## {group}", "", "| keys | id | what it does | where | asks | the same as a command |",
                "|---|---|---|---|---|---|")  # fmt: skip
    for action in TABLE:
        if action.group == group:
            words = worded(action.help, lambda one: one.keys)
            cells = (_code(_written(action, keys).split()), f"`{action.id}`", words, _where(action),
                     _asks(action), _code([action.verb]))  # fmt: skip
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _written(action: Action, keys: Keys) -> str:
    return " ".join(shown(key) for key in keys.get(action.id, action.keys)) or "palette"


def _code(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words if word)


def _asks(action: Action) -> str:
    if action.dialog:
        return "its dialog"
    return "" if action.at_once else ASKS[action.danger]


def _where(action: Action) -> str:
    missing = [screen for screen in SCREENS if screen not in action.screens]
    if len(missing) < 2:
        return " but on ".join(["everywhere", *missing])
    return ", ".join(action.screens)
