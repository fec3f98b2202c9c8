"""The command palette: the actions of the screen below it."""

from __future__ import annotations

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.actions import Action, of, shown
from tui.screens.base import FootplateScreen


class Commands(Provider):
    """Every action by its name."""

    async def discover(self) -> Hits:
        for action in self._actions():
            yield DiscoveryHit(_name(action), self._act(action), help=self._help(action))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for action in self._actions():
            name = _name(action)
            score = matcher.match(f"{name} {action.help}")
            if score > 0:
                yield Hit(score, matcher.highlight(name), self._act(action), help=self._help(action))

    def _actions(self) -> list[Action]:
        name = self.screen.NAME if isinstance(self.screen, FootplateScreen) else ""
        return [action for action in of(name) if action.group != "Move" and action.id != "palette"]

    def _act(self, action: Action) -> partial[None]:
        screen = self.screen
        assert isinstance(screen, FootplateScreen)
        return partial(screen.action_act, action.id)

    def _help(self, action: Action) -> str:
        assert isinstance(self.screen, FootplateScreen)
        reason = action.why_not(self.screen.facts())
        return f"cannot now: {reason}" if reason else action.help


def _name(action: Action) -> str:
    keys = " ".join(shown(key) for key in action.keys)
    return f"{action.label}  {keys}".rstrip()
