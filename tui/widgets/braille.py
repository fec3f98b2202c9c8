"""Curves in braille, two dots wide and four high in each cell; thinned so that every peak stays."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

BLANK = 0x2800
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # [row][column] of one cell


class Canvas:
    """Dots in a grid of cells; (0, 0) is at the bottom left."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.cells = [[0] * width for _ in range(height)]

    def column(self, x: int, low: int, high: int) -> None:
        """Set the dots of one column from `low` to `high`."""
        for y in range(max(0, low), min(self.height * 4 - 1, high) + 1):
            row, dot = divmod(self.height * 4 - 1 - y, 4)
            self.cells[row][x // 2] |= DOTS[dot][x % 2]

    def line(self, row: int) -> str:
        """One line of cells, the topmost first."""
        return "".join(chr(BLANK + cell) if cell else " " for cell in self.cells[row])


def draw(
    canvas: Canvas, steps: Sequence[float], values: Sequence[float], x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> None:  # fmt: skip
    """A curve over ascending steps; all values are finite."""
    previous: tuple[int, int] | None = None
    for x, low, high, first, last in thinned(steps, values, canvas.width * 2, x_range):
        bottom, top = _dot(low, y_range, canvas), _dot(high, y_range, canvas)
        canvas.column(x, bottom, top)
        if previous is not None:
            _join(canvas, previous, (x, _dot(first, y_range, canvas)))
        previous = x, _dot(last, y_range, canvas)


def thinned(
    steps: Sequence[float], values: Sequence[float], columns: int, x_range: tuple[float, float]
) -> Iterator[tuple[int, float, float, float, float]]:
    """For each column that has points: its place, and the least, greatest, first and last value in it."""
    start, stop = x_range
    scale = (columns - 1) / (stop - start) if stop > start else 0.0
    at = bisect_left(steps, start)
    while at < len(steps) and steps[at] <= stop:
        x = round((steps[at] - start) * scale)
        # The first step that rounds to a later column ends this one.
        end = bisect_left(steps, start + (x + 0.5) / scale, lo=at + 1) if scale else len(steps)
        part = values[at:end]
        yield x, min(part), max(part), part[0], part[-1]
        at = end


def _dot(value: float, y_range: tuple[float, float], canvas: Canvas) -> int:
    low, high = y_range
    if high <= low:
        return canvas.height * 2
    return round((value - low) / (high - low) * (canvas.height * 4 - 1))


def _join(canvas: Canvas, before: tuple[int, int], after: tuple[int, int]) -> None:
    """A straight line between the dots of two columns, which are themselves set already."""
    (x0, y0), (x1, y1) = before, after
    if x1 == x0:  # two steps so near to the border of their columns that rounding put them into one
        canvas.column(x0, min(y0, y1), max(y0, y1))
        return
    heights = [round(y0 + (y1 - y0) * (x - x0 + 0.5) / (x1 - x0)) for x in range(x0, x1)]
    for x, (a, b) in enumerate(pairwise([y0, *heights]), start=x0):
        canvas.column(x, min(a, b), max(a, b))
    canvas.column(x1, min(heights[-1], y1), max(heights[-1], y1))
