"""What several runs say, followed side by side while their screen is in view."""

from __future__ import annotations

from collections.abc import Sequence

from textual.timer import Timer

from engine import points
from tui.messages import EventsArrived
from tui.screens.base import FootplateScreen
from tui.services.watch import Watch
from tui.story import Story

OFTEN_S = 0.2
WHAT_TO_DO = "what is shown is as it was; it is tried again"


class Stories(FootplateScreen, inherit_bindings=False):
    """A screen over the curves of several runs."""

    def __init__(self) -> None:
        super().__init__()
        self.stories: dict[str, Story] = {}
        self._watches: dict[str, Watch] = {}
        self._soon: Timer | None = None

    def show_curves(self) -> None:
        """Show what they have said by now."""
        raise NotImplementedError

    def follow(self, ids: Sequence[str]) -> None:
        """Follow these runs, and no others."""
        for run_id in [run_id for run_id in self._watches if run_id not in ids]:
            self._watches.pop(run_id).close()
            self.stories.pop(run_id)
        for run_id in ids:
            if run_id not in self._watches:
                self.stories[run_id] = Story()  # told from the beginning
                step = self.lab.sources.follower(run_id, self.post_message).step
                self._watches[run_id] = Watch(
                    f"following {run_id}", step, self.post_message, what_to_do=WHAT_TO_DO
                ).start()

    def on_screen_suspend(self) -> None:
        self.follow(())

    def on_unmount(self) -> None:
        self.follow(())

    def on_events_arrived(self, message: EventsArrived) -> None:
        story = self.stories.get(message.run_id)
        if story is None:
            return
        if message.afresh:
            story = self.stories[message.run_id] = Story()
        story.take(message.block or points.of_events(message.events))
        if self._soon is None:
            self._soon = self.set_timer(OFTEN_S, self._show_soon)

    def _show_soon(self) -> None:
        self._soon = None
        self.show_curves()
