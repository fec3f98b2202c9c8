"""A scrollbar that is painted again only when it looks different: with a text that grows it hardly ever does."""

from __future__ import annotations

from math import ceil
from typing import Any, Self

from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar


class QuietBar(ScrollBar):
    """Looks and acts as any other."""

    _looked: object = None

    def refresh(self, *regions: Any, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        looks = self._looks()
        if repaint and not layout and not recompose and looks == self._looked:
            return self
        self._looked = looks
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def notify_style_update(self) -> None:
        self._looked = None
        super().notify_style_update()

    def _looks(self) -> object:
        """From which eighth of a cell to which the thumb reaches, and what else can be seen."""
        room, all_lines, in_view = self.size.height, ceil(self.window_virtual_size), self.window_size
        hover = self.mouse_over, self.grabbed is not None, self.size
        if not 0 < in_view < all_lines or not room:
            return hover
        thumb = max(1.0, room * in_view / all_lines)
        start = int((room - thumb) * self.position / (all_lines - in_view) * 8)
        return start, start + ceil(thumb * 8), hover


class QuietlyScrolled(ScrollView, inherit_bindings=False):
    """A view with such a bar; Textual's costs more than all else on a screen that is shown again."""

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = QuietBar(name="vertical", thickness=self.scrollbar_size_vertical)
            self._vertical_scrollbar.display = False
            self.app._start_widget(self, self._vertical_scrollbar)
        return self._vertical_scrollbar
