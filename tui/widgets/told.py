"""A curve in words, for those who have the screen read out to them."""

from __future__ import annotations

from tui.format import number
from tui.widgets.line import Line


def told(line: Line) -> list[str]:
    """Where it begins and ends, and how low and how high it goes."""
    if not line.steps:
        return [f"{line.name or 'the curve'}: no point yet"]
    lowest, highest = (pick(range(len(line.values)), key=line.values.__getitem__) for pick in (min, max))
    name = f"{line.name}: " if line.name else ""
    return [
        f"{name}from {_point(line, 0)} to {_point(line, -1)}",
        f"  lowest {_point(line, lowest)}, highest {_point(line, highest)}",
    ]


def _point(line: Line, place: int) -> str:
    return f"{number(line.values[place])} at {number(line.steps[place])}"
