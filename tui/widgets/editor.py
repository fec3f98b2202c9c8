"""A form that is a commented YAML: a text to edit, with keys and comments told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from tui.widgets.ordered import do_own_binding
from tui.widgets.paint import yaml
from tui.widgets.tones import Toned

PAGING = {"ctrl+d": "cursor_page_down", "ctrl+u": "cursor_page_up"}


def _bindings() -> list[BindingType]:
    """Those of a text area, but that ctrl+d and ctrl+u page here as everywhere, and never delete."""
    kept = []
    for binding in TextArea.BINDINGS:
        if isinstance(binding, Binding):
            keys = ",".join(key for key in binding.key.split(",") if key not in PAGING)
            kept.append(replace(binding, key=keys))
    return [*kept, *(Binding(key, action, show=False) for key, action in PAGING.items())]


class Editor(TextArea, Toned, inherit_bindings=False):
    """The text; the cursor does not blink, and a line can be marked as faulty."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*TextArea.COMPONENT_CLASSES, "editor--fault"}
    BINDINGS: ClassVar[list[BindingType]] = _bindings()

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, show_line_numbers=True, soft_wrap=False, compact=True, highlight_cursor_line=True)
        self.cursor_blink = False
        self._faulty: frozenset[int] = frozenset()

    async def on_key(self, event: events.Key) -> None:
        await do_own_binding(self, event)

    def show_faults(self, lines: frozenset[int]) -> None:
        """Mark lines, counted from 1."""
        if lines != self._faulty:
            self._faulty = lines
            self._line_cache.clear()
            self.refresh()

    def get_line(self, line_index: int) -> Text:
        text = yaml(self.document.get_line(line_index), self.tone)
        text.end, text.no_wrap = "", True
        if line_index + 1 in self._faulty:
            text.stylize(self.get_component_rich_style("editor--fault", partial=True))
        return text
