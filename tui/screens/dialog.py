"""What stands over a screen until it is answered."""

from __future__ import annotations

from typing import Protocol, TypeVar

from textual import events
from textual.screen import ModalScreen

from tui.pace import Paced

R = TypeVar("R")
SMALLEST = (60, 14)  # below this nobody can see what would be acted on
MOVES = {"j": 1, "down": 1, "k": -1, "up": -1}
PAGES = {"pagedown": 1, "ctrl+d": 1, "pageup": -1, "ctrl+u": -1, "space": 1}


class Moved(Protocol):
    """What can be moved through."""

    def move(self, lines: int) -> None: ...

    def page(self, pages: int) -> None: ...


class Dialog(ModalScreen[R], Paced[R], inherit_bindings=False):  # styles are inherited from the first of them
    """Answered once: keys that were typed ahead find it still there for a moment, and must not answer it again."""

    _answered = False

    def answer(self, result: R) -> None:
        """Close with an answer; one that something else has covered meanwhile stays where it is."""
        if not self._answered and self.is_current:
            self._answered = True
            self.dismiss(result)

    @property
    def too_small(self) -> bool:
        """Whether the screen is too small to draw the question, so that no key may answer yes."""
        width, height = self.app.size
        return width < SMALLEST[0] or height < SMALLEST[1]


class Reading(Dialog[None], inherit_bindings=False):
    """Something to read: the keys for moving move through it, any other key closes it."""

    def through(self) -> Moved:
        """What is moved through."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.key in MOVES:
            self.through().move(MOVES[event.key])
        elif event.key in PAGES:
            self.through().page(PAGES[event.key])
        else:
            self.answer(None)
