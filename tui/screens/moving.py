"""The keys for moving, which move whatever has the focus."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen

from tui.widgets.moves import Moves

SIDEWAYS = 8  # cells


class Moving(Screen[None], inherit_bindings=False):
    """A screen on which something can be moved in."""

    def mover(self) -> Moves | None:
        """What the keys for moving move."""
        return self.focused if isinstance(self.focused, Moves) else None

    def _move(self, how: Callable[[Moves], None]) -> None:
        mover = self.mover()
        if mover is not None:
            how(mover)

    def do_down(self) -> None:
        self._move(lambda mover: mover.move(1))

    def do_up(self) -> None:
        self._move(lambda mover: mover.move(-1))

    def do_left(self) -> None:
        self._move(lambda mover: mover.sideways(-SIDEWAYS))

    def do_right(self) -> None:
        self._move(lambda mover: mover.sideways(SIDEWAYS))

    def do_page_down(self) -> None:
        self._move(lambda mover: mover.page(1))

    def do_page_up(self) -> None:
        self._move(lambda mover: mover.page(-1))

    def do_top(self) -> None:
        self._move(lambda mover: mover.edge(False))

    def do_bottom(self) -> None:
        self._move(lambda mover: mover.edge(True))

    def do_next_pane(self) -> None:
        self.focus_next()

    def do_previous_pane(self) -> None:
        self.focus_previous()
