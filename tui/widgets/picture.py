"""A picture in half blocks: two pixels a cell, drawn by colours alone and without asking the terminal anything."""

from __future__ import annotations

from collections.abc import Sequence

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

Pixel = tuple[int, int, int]


class Picture(Widget):
    """Rows of pixels, from top to bottom; each line of the screen shows two of them."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._strips: list[Strip] = []

    def show(self, pixels: Sequence[Sequence[Pixel]]) -> None:
        """Show these; as many as fit are seen."""
        self._strips = [_strip(pixels[y], pixels[min(y + 1, len(pixels) - 1)]) for y in range(0, len(pixels), 2)]
        self.refresh()

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        if y >= len(self._strips):
            return Strip.blank(self.size.width, base)
        return self._strips[y].crop_extend(0, self.size.width, base)


def _strip(top: Sequence[Pixel], bottom: Sequence[Pixel]) -> Strip:
    pairs = zip(top, bottom, strict=True)
    return Strip([Segment("▀", Style(color=_color(above), bgcolor=_color(below))) for above, below in pairs]).simplify()


def _color(pixel: Pixel) -> Color:
    return Color.from_rgb(*pixel)
