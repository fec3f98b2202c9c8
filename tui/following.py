"""The app sees to it that runs on machines are followed: each that nobody follows, once."""

from __future__ import annotations

from functools import partial

from engine.run import UNFOLLOWED
from tui.entries import Entry
from tui.lab import Lab
from tui.messages import RunsChanged, Told
from tui.remembering import RememberingApp


class FollowingApp(RememberingApp):
    """An app that takes up what another one, or a shepherd that died, has left."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab)
        self._taken_up: set[str] = set()

    def follow_again(self, message: RunsChanged) -> None:
        """Start the shepherds that are missing, in a thread; where nothing may be changed, none."""
        if self.lab.gate.closed:
            return
        lost = [
            entry for entry in message.entries if entry.status.link == UNFOLLOWED and entry.id not in self._taken_up
        ]
        if lost:
            self._taken_up.update(entry.id for entry in lost)
            self.run_worker(partial(self._follow, tuple(lost)), thread=True, group="following")

    def _follow(self, lost: tuple[Entry, ...]) -> None:
        from tui.services import shepherding

        self.post_message(Told(new=shepherding.follow(self.lab.gate, lost)))
