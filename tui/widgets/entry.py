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

    async def on_key(self, event: events.Key) -> None:
        if event.key in ("enter", "escape"):
            event.stop()
            event.prevent_default()
            self.post_message(self.Closed(self, event.key == "enter"))
