"""The place of a frame: its picture in the middle, as large as it is, in half blocks or drawn by the terminal."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from tui.widgets.graphic import Graphic
from tui.widgets.picture import Picture


class FramePlace(Container, inherit_bindings=False):
    """Holds a picture; tells when there is another room for it."""

    class Sized(Message):
        """The room is another one."""

    def __init__(self, kind: str = "half", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.kind = kind
        self._shape = 0, 0

    def compose(self) -> ComposeResult:
        if self.kind == "half":
            yield Picture(id="frame")
        else:
            yield Graphic(id="graphic")

    def show(self, data: bytes, width: int, height: int) -> None:
        """Show a picture: pixels, two of them a cell, or what the terminal makes a picture of."""
        if self.kind == "half":
            self._show_blocks(data, width, height)
        elif data:
            self.query_one(Graphic).show(self.kind, data, width, height)
        else:
            self.query_one(Graphic).forget()

    def _show_blocks(self, data: bytes, width: int, height: int) -> None:
        picture = self.query_one(Picture)
        if (width, height) != self._shape:
            self._shape = width, height
            picture.styles.width, picture.styles.height = width, (height + 1) // 2
        picture.show(data, width)

    def covered(self, by_something: bool) -> None:
        """Something comes over it, or has gone: what the terminal draws itself would show through."""
        for graphic in self.query(Graphic):
            graphic.hide() if by_something else graphic.draw_soon()

    def on_resize(self, _event: events.Resize) -> None:
        self.post_message(self.Sized())
