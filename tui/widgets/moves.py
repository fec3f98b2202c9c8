"""What the keys for moving do to whatever has the focus."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual.containers import VerticalScroll


@runtime_checkable
class Moves(Protocol):
    """Something with a place in it that can be moved."""

    def move(self, lines: int) -> None:
        """So many lines down, or up where negative."""

    def page(self, pages: int) -> None:
        """So many pages down, or up where negative."""

    def edge(self, bottom: bool) -> None:
        """To the first or the last line."""

    def sideways(self, cells: int) -> None:
        """To the right, or to the left where negative."""


class Scroll(VerticalScroll, inherit_bindings=False):
    """A container that moves by the same keys."""

    def move(self, lines: int) -> None:
        self.scroll_relative(y=lines, animate=False)

    def page(self, pages: int) -> None:
        self.scroll_relative(y=pages * max(1, self.size.height - 1), animate=False)

    def edge(self, bottom: bool) -> None:
        self.scroll_to(y=self.max_scroll_y if bottom else 0, animate=False)

    def sideways(self, cells: int) -> None:
        self.scroll_relative(x=cells, animate=False)
