"""Where steps stand on a chart, and where its cursor can go."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

from tui.widgets import braille
from tui.widgets.line import Line, View, placed, signed

AXIS = 9  # cells for the numbers on the left
SIGNS = 2  # cells for the signs of several curves on the right
Range = tuple[float, float]


class Places:
    """The room for curves between the axes of a chart of so many cells."""

    def __init__(self, lines: Sequence[Line], width: int, height: int, view: View) -> None:
        self.view, self.signed = view, signed(lines)
        self.lines = placed(lines)
        self.width = width - AXIS - 1 - SIGNS * self.signed
        self.height = height - 2
        self.drawable = self.width >= 4 and self.height >= 1 and any(line.steps for line in lines)

    @cached_property
    def x_range(self) -> Range:
        """The first and the last step that have a place here."""
        if self.view.x_range is not None:
            return self.view.x_range
        known = [steps for _, line in self.lines for steps in (line.steps, line.lost) if steps]
        return min(steps[0] for steps in known), max(steps[-1] for steps in known)

    def cell_of(self, step: float) -> int | None:
        """The cell of a step, counted from the left of the plot."""
        first, last = self.x_range
        if not first <= step <= last:
            return None
        return braille.scaled(self.width * 2 - 1, self.x_range)(step) // 2

    def step_at(self, x: int) -> float | None:
        """The step at a cell of the widget."""
        first, last = self.x_range if self.drawable else (0.0, 0.0)
        part = (x - AXIS - 1 + 0.5) / max(1, self.width)
        return first + part * (last - first) if self.drawable and 0 <= part <= 1 else None

    def next_step(self, step: float, way: int) -> float | None:
        """The step of the nearest point on the right (1) or left (-1) of a step that stands in another cell."""
        first, last = self.x_range
        each = (last - first) / max(1, self.width * 2 - 1)
        cell = braille.scaled(self.width * 2 - 1, self.x_range)(step) // 2
        if way > 0:
            edge = max(first + (2 * cell + 1.5) * each, math.nextafter(step, math.inf))
            after = ((line.steps, bisect_left(line.steps, edge)) for _, line in self.lines)
            return min((steps[place] for steps, place in after if place < len(steps)), default=None)
        edge = min(first + (2 * cell - 0.5) * each, step)
        before = ((line.steps, bisect_left(line.steps, edge) - 1) for _, line in self.lines)
        return max((steps[place] for steps, place in before if place >= 0), default=None)
