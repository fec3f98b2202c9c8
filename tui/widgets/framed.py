"""The place of a frame: its picture in the middle, as large as it is."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from tui.widgets.picture import Picture


class FramePlace(Container, inherit_bindings=False):
    """Holds a picture; tells when there is another room for it."""

    class Sized(Message):
        """The room is another one."""

    _shape = 0, 0

    def compose(self) -> ComposeResult:
        yield Picture(id="frame")

    @property
    def picture(self) -> Picture:
        return self.query_one(Picture)

    def show(self, data: bytes, width: int, height: int) -> None:
        """Show these pixels, two of them a cell."""
        if (width, height) != self._shape:
            self._shape = width, height
            self.picture.styles.width, self.picture.styles.height = width, (height + 1) // 2
        self.picture.show(data, width)

    def on_resize(self, _event: events.Resize) -> None:
        self.post_message(self.Sized())
