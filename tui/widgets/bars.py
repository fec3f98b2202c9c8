"""The lines that frame a screen: where one is, which keys act here, which panes there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.widgets.columns import padded
from tui.widgets.tones import Cell, Toned


class Bar(Toned):
    """One line of parts, some of which can be clicked; repainted only where something differs."""

    COMPONENT_CLASSES = {"bar--here"}  # noqa: RUF012 (Textual reads it so)

    class Pressed(Message):
        """A part was clicked that stands for something."""

        def __init__(self, bar: Bar, name: str) -> None:
            super().__init__()
            self.bar, self.name = bar, name

        @property
        def control(self) -> Bar:
            return self.bar

    @dataclass(frozen=True)
    class Part:
        """A text with a tone; `name` makes it something to click on, `here` marks it as the present one."""

        text: str
        tone: str = ""
        name: str = ""
        here: bool = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._left: Sequence[Bar.Part] = ()
        self._right = Cell("")

    def show(self, left: Sequence[Bar.Part], right: Cell | None = None) -> None:
        """Show these parts on the left and a text on the right."""
        right = right or Cell("")
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        base, here = self.rich_style, self.get_component_rich_style("bar--here", partial=True)
        if y:
            return Strip.blank(self.size.width, base)
        segments = [self._segment(part, base, here) for part in self._left]
        used = sum(cell_len(part.text) for part in self._left)
        room = self.size.width - used
        right = self._right.text if cell_len(self._right.text) < room else ""
        segments.append(Segment(padded(right, max(0, room), True), base + self.tone(self._right.tone)))
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _segment(self, part: Bar.Part, base: Style, here: Style) -> Segment:
        text = f"[{part.text[1:-1]}]" if part.here and self.app.has_class("-plain") else part.text
        return Segment(text, base + self.tone(part.tone) + (here if part.here else Style.null()))

    def on_click(self, event: events.Click) -> None:
        at = event.x
        for part in self._left:
            at -= cell_len(part.text)
            if at < 0:
                if part.name:
                    self.post_message(self.Pressed(self, part.name))
                return


@dataclass(frozen=True)
class Key:
    """A key of the footer: of which action, how it is written, and what it does."""

    name: str
    key: str
    label: str


class KeyBar(Bar):
    """The keys that can act here and now; the help, which has all of them with the reasons, is always named."""

    _keys: Sequence[Key] = ()

    def show_keys(self, keys: Sequence[Key]) -> None:
        """The most wanted first; the last one always has its place."""
        self._keys = keys
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        if not self._keys:
            return
        *first, last = self._keys
        room = self.size.width - _width(last)
        chosen = []
        for key in first:
            room -= _width(key)
            if room < 0:
                break
            chosen.append(key)
        self.show([part for key in (*chosen, last) for part in self._parts(key)])

    def _parts(self, key: Key) -> list[Bar.Part]:
        return [
            Bar.Part(f" {key.key}", "accent", key.name),
            Bar.Part(f" {key.label} ", "", key.name),
        ]


def _width(key: Key) -> int:
    return cell_len(key.key) + cell_len(key.label) + 3
