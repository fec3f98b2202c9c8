"""Keys in their turn: what a key decides is done in the session's thread, and the next keys wait for what comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from engine.errors import FootplateError
from tui.screens.framelook import FrameLook
from tui.services.labelling import Labelling

T = TypeVar("T")
STUCK_S = 3.0  # for so long at most the key that leaves waits for its turn


class InTurn(FrameLook, inherit_bindings=False):
    """A screen with one frame on it, whose keys wait until the frame they are for is in view."""

    _held_at = 0.0

    def hold(self) -> None:
        """Let keys wait until what they are meant for is on the screen."""
        self._held_at = time.monotonic()
        self.footplate.hold()

    def on_screen_suspend(self) -> None:
        """Something else comes to the front, which has its own use for keys."""
        if self._held_at:
            self.release()

    def release(self) -> None:
        """Let keys act again."""
        self._held_at = 0.0
        self.app.call_later(self.footplate.release)

    def keeps_turns(self) -> bool:
        return self._held_at > 0 and time.monotonic() - self._held_at < STUCK_S

    def in_turn(self, labelling: Labelling, what: str, do: Callable[[], T], then: Callable[[T], None]) -> None:
        """Do something in the session's thread and go on with what it answers; keys wait meanwhile."""
        self.hold()
        labelling.submit(do).add_done_callback(
            lambda done: self.post_message(self.Finished(partial(self._came, what, then, done)))
        )

    def _came(self, what: str, then: Callable[[T], None], done: Future[T]) -> None:
        error = None if done.cancelled() else done.exception()
        if isinstance(error, FootplateError):
            self.tell_error(what, error.message, error.hint)
        elif error is not None:
            self.tell_error(what, f"{type(error).__name__}: {error}", "")
        elif not done.cancelled():
            then(done.result())
