"""Taking back what was done here."""

from __future__ import annotations

from tui.lab import Undo
from tui.screens.base import FootplateScreen


class Undoing(FootplateScreen, inherit_bindings=False):
    """A screen on which the last change can be taken back."""

    _undo: Undo | None = None

    @property
    def undo(self) -> str:
        """What would be taken back; empty where nothing would."""
        return self.lab.undos[-1].what if self.lab.undos else ""

    def question(self, name: str) -> str:
        if name != "undo":
            return super().question(name)
        self._undo = self.lab.undos[-1]
        return f"Take back {self._undo.what}?"

    def do_undo(self) -> None:
        undo = self._undo
        if undo is None or undo not in self.lab.undos:
            return  # somebody has taken it back already
        self.lab.undos.remove(undo)

        def take_back() -> str:
            try:
                return undo.take_back()
            except Exception:
                self.lab.undos.append(undo)  # it can be tried again
                raise

        self.work(f"taking back {undo.what}", take_back, self.taken_back)

    def taken_back(self, words: str) -> None:
        """It was taken back."""
        self.tell(words)
        self.footplate.look_again()
