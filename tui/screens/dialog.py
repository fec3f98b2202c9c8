"""What stands over a screen until it is answered."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen

R = TypeVar("R")


class Dialog(ModalScreen[R], inherit_bindings=False):
    """Answered once: keys that were typed ahead find it still there for a moment, and must not answer it again."""

    _answered = False

    def answer(self, result: R) -> None:
        """Close with an answer; one that something else has covered meanwhile stays where it is."""
        if not self._answered and self.is_current:
            self._answered = True
            self.dismiss(result)
