"""A picture that the terminal draws itself: cells that stay empty, and a sequence behind them."""

from __future__ import annotations

from textual.widget import Widget

from engine import terminal
from tui import graphics


class Graphic(Widget):
    """The place of a picture of Kitty or Sixel; `write` hands sequences to the terminal between two repaints."""

    _picture: tuple[str, bytes, int, int] | None = None  # kind, bytes, and how large it is in pixels
    _there = False

    def show(self, kind: str, data: bytes, width: int, height: int) -> None:
        """Show this from now on; what was there before goes."""
        self.hide()
        self._picture = kind, data, width, height
        self.refresh()
        self.draw_soon()

    def forget(self) -> None:
        """Show nothing."""
        self.hide()
        self._picture = None

    def draw_soon(self) -> None:
        """Draw when the cells below have been painted."""
        self.call_after_refresh(self._draw)

    def hide(self) -> None:
        """Take the picture from the screen, since something else comes over it."""
        if self._there and self._picture is not None:
            self._there = False
            if self._picture[0] == "kitty":
                self._write(graphics.away())
            self.refresh()  # Sixel goes where cells are painted anew

    def _draw(self) -> None:
        if self._picture is None or not self.screen.is_current or not self.is_attached:
            return
        kind, data, width, height = self._picture
        room, cell = self.size, terminal.cell()
        columns, lines = graphics.cells(width, height, (room.width, room.height), cell)
        scaled = width > room.width * cell.width or height > room.height * cell.height
        text = graphics.kitty(data, columns, lines, scaled=scaled) if kind == "kitty" else data.decode("ascii")
        x, y = self.content_region.offset
        middle = x + max(0, room.width - columns) // 2, y + max(0, room.height - lines) // 2
        self._write(graphics.at(*middle, text))
        self._there = True

    def _write(self, sequence: str) -> None:
        write = getattr(self.app, "to_terminal", None)
        if write is not None:
            write(sequence)

    def render(self) -> str:
        return ""

    def on_resize(self) -> None:
        if self._picture is not None:
            self.hide()
            self.draw_soon()
