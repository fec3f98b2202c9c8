"""A picture, drawn in the colours that there are, without asking the terminal anything."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.halfblocks import blocks, signs

DEPTHS = {"truecolor": 1 << 24, "256": 256}


class Picture(Widget):
    """Rows of pixels, from top to bottom; each line of the screen shows two of them."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._strips: list[Strip] = []
        self._shown = b"", 0

    def show(self, data: bytes, width: int) -> None:
        """Show these pixels, three bytes each (red, green, blue), so many in a row; as many as fit are seen."""
        self._shown = data, width
        self._draw()

    def _draw(self) -> None:
        data, width = self._shown
        depth = 0 if getattr(self.app, "no_color", False) else DEPTHS.get(self.app.console.color_system or "", 0)
        if self.app.has_class("-plain"):
            self._strips = []  # nobody can have it read out; what it is stands beside it in words
        elif depth:
            self._strips = blocks(data, width, depth, self.size.width, self.rich_style) if width else []
        else:
            dark = self.app.current_theme.dark
            self._strips = signs(data, width, self.rich_style, dark=dark) if width else []
        self.refresh()

    def on_resize(self) -> None:
        self._draw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self._shown[1]:
            self._draw()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines as they are: what Textual does to lines on their way would look at each cell by itself."""
        if getattr(self.app, "no_color", False) or self.app.has_class("-plain"):
            return super().render_lines(crop)  # where filters have a say
        strips = [self.render_line(y) for y in crop.line_range]
        whole = crop.column_span == (0, self.size.width)
        return strips if whole else [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        strip = self._strips[y] if y < len(self._strips) else Strip([])
        if strip.cell_length == self.size.width:
            return strip  # without a look at the style, which for all lines takes longer than the rest
        return strip.crop_extend(0, self.size.width, self.rich_style)
