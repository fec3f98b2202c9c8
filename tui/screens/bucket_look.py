"""A look into the object under the cursor of the Bucket screen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual.timer import Timer

from tui.pages import Preview
from tui.screens.bucket_level import BucketLevel
from tui.screens.looks import LookActs
from tui.services import stored
from tui.services.bucket import Stored
from tui.widgets.lines import LineView
from tui.widgets.table import Table

PAUSE_S = 0.2  # of moving, after which the object under the cursor is looked at
READING = "reading the file"


class BucketLook(BucketLevel, LookActs, inherit_bindings=False):
    """A screen with a list of objects, and a look into one of them."""

    def __init__(self) -> None:
        super().__init__()
        self._pause: Timer | None = None
        self._seen: Stored | None = None

    @property
    def table(self) -> Table:
        return self.query_one("#stored", Table)

    def look_soon(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE_S, self._look_at)

    def _look_at(self) -> None:
        found, room = self.stored(), self.file_look.size
        if found is None:
            self._seen = None
            self.file_look.show_preview("", Preview("nothing"))
        elif self._seen != found and room.width:
            self._seen = found
            self.look_into(found.name, room.width - 2, room.height - 2)

    def asked_of(self, what: str, name: str) -> Callable[..., Any]:
        found = self.objects.get(name) or Stored(name, 0, 0)
        whole = [found.size_bytes] if what == "preview" else []
        return partial(getattr(stored, what), self.lab.gate, self.url, name, found.generation, *whole)

    def text(self) -> LineView | None:
        """The text in view, where it is one."""
        return self.file_look.query_one("#preview-text", LineView) if self.file_look.kind == "text" else None

    def tell_error(self, what: str, why: str, what_to_do: str) -> None:
        if what == READING and self._seen is not None:
            words = f"{why}  → {what_to_do}" if what_to_do else why
            self.file_look.show_preview(self._seen.name, Preview("nothing", words))
        else:
            super().tell_error(what, why, what_to_do)

    def row(self) -> str:
        return self.table.rows.key

    def stored(self) -> Stored | None:
        """The object under the cursor."""
        return self.objects.get(self.row())

    @property
    def inside(self) -> bool:
        """Whether one is in the look and not in the list."""
        return self.focused is not None and self.focused is self.file_look.preview

    def do_next_pane(self) -> None:
        self.set_focus(self.table if self.inside else self.file_look.preview or self.table)

    def do_previous_pane(self) -> None:
        self.do_next_pane()

    def do_full(self) -> None:
        self.toggle_class("-full")
        self._seen = None
        self.set_focus(self.file_look.preview if self.has_class("-full") else self.table)
        self.call_after_refresh(self._look_at)
