"""What stands over a screen until it is answered."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen

from tui.pace import Paced

R = TypeVar("R")
SMALLEST = (60, 14)  # below this nobody can see what would be acted on


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
