"""One chart: a few curves over their steps, with their last values in its title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from tui.format import clip, number
from tui.widgets.braille import BLANK, Canvas, draw
from tui.widgets.columns import padded
from tui.widgets.tones import Cell, Toned

TONES = ("accent", "warn", "good", "bad", "strong", "dim")
AXIS = 10  # cells for the numbers on the left
Dots = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """A curve: its points by ascending step, all finite; its newest value, and how many were not finite."""

    name: str
    steps: Sequence[float]
    values: Sequence[float]
    last: float | None = None
    not_finite: int = 0

    @property
    def words(self) -> str:
        last = "no point" if self.last is None else number(self.last)
        lost = f" ({self.not_finite} not finite)" if self.not_finite else ""
        return f"{self.name} {last}{lost}".strip()


class Curve(Toned):
    """Curves that share their axes; the one that is named first is drawn on top."""

    def __init__(self, title: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.chart_title = title
        self._lines: Sequence[Line] = ()
        self._drawn: list[Strip] | None = None

    def show(self, lines: Sequence[Line]) -> None:
        """Draw these; points may have been added to those that were there."""
        self._lines = lines
        self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._redraw()

    def _redraw(self) -> None:
        self._drawn = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if self._drawn is None:
            self._drawn = self._draw()
        return self._drawn[y] if y < len(self._drawn) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self) -> list[Strip]:
        width, height = self.size.width - AXIS - 1, self.size.height - 2
        lines = [line for line in self._lines if line.values]
        if width < 4 or height < 1 or not lines:
            return [self._title()]
        x_range = min(line.steps[0] for line in lines), max(line.steps[-1] for line in lines)
        y_range = min(min(line.values) for line in lines), max(max(line.values) for line in lines)
        layers = [self._layer(line, width, height, x_range, y_range) for line in lines]
        rows = [self._row(layers, row, y_range, height) for row in range(height)]
        return [self._title(), *rows, self._steps(x_range, width)]

    def _layer(
        self, line: Line, width: int, height: int, x_range: tuple[float, float], y_range: tuple[float, float]
    ) -> Canvas:
        canvas = Canvas(width, height)
        draw(canvas, line.steps, line.values, x_range, y_range)
        return canvas

    def _row(self, layers: Sequence[Canvas], row: int, y_range: tuple[float, float], height: int) -> Strip:
        label = number(y_range[1]) if row == 0 else number(y_range[0]) if row == height - 1 else ""
        cells = [Cell(padded(clip(label, AXIS - 1), AXIS - 1, True) + " │", "dim")]
        for column in range(layers[0].width):
            dots, tone = 0, ""
            for index, layer in enumerate(layers):
                here = layer.cells[row][column]
                # A cell has one colour: the dots of all curves in it are shown, in the colour of the first.
                tone = tone or (self._tone_of(index) if here else "")
                dots |= here
            cells.append(Cell(chr(BLANK + dots) if dots else " ", tone))
        return self._strip(cells)

    def _steps(self, x_range: tuple[float, float], width: int) -> Strip:
        first, last = number(x_range[0]), number(x_range[1])
        space = " " * max(1, width - cell_len(first) - cell_len(last))
        return self._strip([Cell(" " * (AXIS + 1) + first + space + last, "dim")])

    def _title(self) -> Strip:
        names = [Cell(f"  {line.words}", self._tone_of(index)) for index, line in enumerate(self._lines)]
        return self._strip([Cell(self.chart_title, "strong"), *names])

    def _tone_of(self, index: int) -> str:
        return TONES[min(index, len(TONES) - 1)]

    def _strip(self, cells: Sequence[Cell]) -> Strip:
        base = self.rich_style
        strip = Strip([Segment(cell.text, base + self.tone(cell.tone)) for cell in cells])
        return strip.adjust_cell_length(self.size.width, base).simplify()
