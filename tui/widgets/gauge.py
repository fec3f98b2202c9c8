"""A gauge: a name, a bar, a number, and where there is room how it was lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.strip import Strip

from tui.format import bar
from tui.widgets.columns import padded
from tui.widgets.tones import Cell, Toned

NAME, BAR, MOST_LATELY = 10, 12, 24
LEVELS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Reading:
    """What a gauge shows: a part of the whole from 0 to 1, the words for it, and the parts before it."""

    name: str
    part: float
    words: str
    lately: Sequence[float] = ()


class Gauges(Toned):
    """A few gauges under each other, a line each."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._readings: Sequence[Reading] = ()

    def show(self, readings: Sequence[Reading]) -> None:
        """Show these."""
        if readings == self._readings:
            return
        grown = len(readings) != len(self._readings)
        self._readings = readings
        self.styles.height = len(readings)
        self.refresh(layout=grown)

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        cells = self._cells(self._readings[y]) if y < len(self._readings) else []
        strip = Strip([Segment(cell.text, base + self.tone(cell.tone)) for cell in cells])
        return strip.adjust_cell_length(self.size.width, base)

    def _cells(self, reading: Reading) -> list[Cell]:
        part = min(1.0, max(0.0, reading.part))
        words = padded(reading.words, max(0, self.size.width - NAME - BAR - 2), False)
        lately = self._lately(reading, len(words.rstrip()))
        return [
            Cell(padded(reading.name, NAME, False), "dim"),
            Cell(bar(part, BAR), "warn" if part > 0.95 else "accent"),
            Cell(f"  {words[: len(words) - len(lately)]}"),
            Cell(lately, "dim"),
        ]

    def _lately(self, reading: Reading, taken: int) -> str:
        """The last readings as a row of small bars, where at least ten of them have room, and the line is quick."""
        if self.app.has_class("-frugal"):
            return ""
        room = min(MOST_LATELY, self.size.width - NAME - BAR - 2 - taken - 2)
        if room < 10:
            return ""
        parts = list(reading.lately)[-room:]
        return "".join(LEVELS[round(min(1.0, max(0.0, part)) * (len(LEVELS) - 1))] for part in parts)
