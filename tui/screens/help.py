"""All keys of a screen, from the table of actions; what cannot be done just now says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from textwrap import wrap

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.actions import GROUPS, Action, Facts, of, shown, worded
from tui.screens.dialog import Reading
from tui.widgets.moves import Scroll

KEYS = 15
Keys = Callable[[Action], Sequence[str]]


class Help(Reading, inherit_bindings=False):
    """The table as a page."""

    def __init__(self, screen: str, facts: Facts, keys: Keys, more: str = "") -> None:
        super().__init__()
        self._of, self._facts, self._keys, self._more = screen, facts, keys, more

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog wide"):
            yield Static(f"Keys of {self._of}", classes="title", markup=False)
            with Scroll():
                yield Static(page(self._of, self._facts, self._keys, min(92, self.app.size.width) - 10, self._more))
            yield Static("j k: move     any other key: close", classes="hint", markup=False)

    def through(self) -> Scroll:
        return self.query_one(Scroll)


def page(screen: str, facts: Facts, keys: Keys, width: int, more: str = "") -> Content:
    """The help of a screen, in lines of at most `width` cells."""
    lines: list[Content] = []
    for group, found in groupby(sorted(of(screen, more), key=_group), key=lambda action: action.group):
        lines += [
            Content.styled(group, "bold $accent"),
            *(_line(action, facts, keys, width) for action in found),
            Content(""),
        ]
    return Content("\n").join(lines[:-1])


def _group(action: Action) -> int:
    return GROUPS.index(action.group)


def _line(action: Action, facts: Facts, every: Keys, width: int) -> Content:
    keys = " ".join(shown(key) for key in every(action)) or "palette"
    asks = " (asks first)" if action.asks else ""
    reason = action.reason(facts)
    now = f" Not now: {reason}." if reason else ""
    lines = wrap(worded(f"{action.help}{asks}.{now}", every), width - KEYS) or [""]
    head = f"{keys:<{KEYS}}" if len(keys) < KEYS else f"{keys}\n{' ' * KEYS}"
    words = head + f"\n{' ' * KEYS}".join(lines)
    return Content.styled(words, "$dim") if reason else Content(words)
