"""A line to type in; it never blinks, and the keys for paging do not delete in it."""

from __future__ import annotations

from dataclasses import replace

from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input

from tui.widgets.ordered import do_own_binding

KEPT_FREE = ("ctrl+d", "ctrl+u")


def _without(binding: Binding) -> Binding:
    return replace(binding, key=",".join(key for key in binding.key.split(",") if key not in KEPT_FREE))


class Line(Input, inherit_bindings=False):
    """An input without a blinking cursor."""

    BINDINGS = [_without(binding) for binding in Input.BINDINGS if isinstance(binding, Binding)]  # noqa: RUF012

    def __init__(self, value: str = "", *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(value, placeholder=placeholder, id=id, compact=True, select_on_focus=False)
        self.cursor_blink = False

    async def on_key(self, event: events.Key) -> None:
        await do_own_binding(self, event)


class Typed(Line):
    """The line for filters and searches: shown while it is needed; tells each change, enter and escape."""

    class Closed(Message):
        """Somebody is done: with what stands there, or (`kept` is false) with nothing."""

        def __init__(self, line: Typed, kept: bool) -> None:
            super().__init__()
            self.line, self.kept = line, kept

        @property
        def control(self) -> Typed:
            return self.line

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(placeholder=placeholder, id=id)
        self._typed_before: list[str] = []
        self._back = 0  # how many of these ago is what stands here

    async def on_key(self, event: events.Key) -> None:
        recalls = event.key in ("up", "down") and self._typed_before and (not self.value or self._back)
        if event.key not in ("enter", "escape") and not recalls:
            if event.character is not None or event.key == "backspace":
                self._back = 0
            return
        event.stop()
        event.prevent_default()
        if recalls:
            self._recall(1 if event.key == "up" else -1)
        else:
            self._close(event.key == "enter")

    def _recall(self, step: int) -> None:
        """What was typed here earlier, or later again; nothing after the last."""
        self._back = max(0, min(len(self._typed_before), self._back + step))
        self.value = self._typed_before[-self._back] if self._back else ""
        self.cursor_position = len(self.value)

    def _close(self, kept: bool) -> None:
        if kept and self.value and self._typed_before[-1:] != [self.value]:
            self._typed_before.append(self.value)
        self._back = 0
        self.post_message(self.Closed(self, kept))
