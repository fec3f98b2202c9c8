"""Curves in braille, two dots wide and four high in each cell; thinned so that every peak stays."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from codecs import charmap_decode
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

BLANK = 0x2800
_LEFT, _RIGHT = (0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08)  # dots of half a cell from the bottom to the top


def _cell(left: int, right: int) -> str:
    dots = sum(_LEFT[n] * (left >> n & 1) + _RIGHT[n] * (right >> n & 1) for n in range(4))
    return chr(BLANK + dots) if dots else " "


CELLS = "".join(_cell(left, right) for left in range(16) for right in range(16))


class Column(NamedTuple):
    """The points that fall into one column of dots: the least, greatest, first and last value of them."""

    x: int
    low: float
    high: float
    first: float
    last: float


class Canvas:
    """Dots in a grid of cells; (0, 0) is at the bottom left.

    A column of dots is one whole number with a bit for each, so that setting a hundred of them costs as much as one;
    four of its bits are a hexadecimal digit and half a cell.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.columns = [0] * (width * 2)

    @property
    def top(self) -> int:
        """The highest dot."""
        return self.height * 4 - 1

    def column(self, x: int, low: int, high: int) -> None:
        """Set the dots of one column from `low` to `high`."""
        low, high = max(0, low), min(self.top, high)
        if low <= high:
            self.columns[x] |= (1 << (high + 1)) - (1 << low)

    def keep(self, even: int, odd: int) -> None:
        """Keep only the dots of these masks, one for every other column: a texture in place of a surface."""
        self.columns = [dots & (odd if x % 2 else even) for x, dots in enumerate(self.columns)]

    def rows(self) -> list[str]:
        """All lines of cells, the topmost first."""
        lines = digits(self.columns, self.height)
        return [charmap_decode(bytes.fromhex(line), "strict", CELLS)[0] for line in lines]

    def touched(self) -> list[int]:
        """For each column of cells a number with a hexadecimal digit a cell: 1 where a dot is, else 0."""
        ones, halves = int("1" * self.height, 16), self.columns
        cells = [left | right for left, right in zip(halves[::2], halves[1::2], strict=True)]
        halved = [dots | dots >> 2 for dots in cells]
        return [(dots | dots >> 1) & ones for dots in halved]


def digits(columns: Iterable[int], height: int) -> list[str]:
    """The rows of columns that have a hexadecimal digit for each, the topmost first."""
    upright = "".join([format(column, f"0{height}x") for column in columns])
    return [upright[row::height] for row in range(height)]


def masks(height: int) -> tuple[int, int]:
    """A texture of every fourth dot for a canvas of so many cells."""
    return sum(1 << y for y in range(0, height * 4, 4)), sum(1 << y for y in range(2, height * 4, 4))


def draw(canvas: Canvas, columns: Sequence[Column], y_range: tuple[float, float]) -> None:
    """A curve whose points were thinned to columns; all values are finite and in the range."""
    scale, dots = scaled(canvas.top, y_range), canvas.columns
    before_x, before_y = -2, 0
    for x, low, high, first, last in columns:
        if low == high:  # one point, or several that are equal
            bottom = top = begin = end = scale(low)
        else:
            bottom, top, begin, end = scale(low), scale(high), scale(first), scale(last)
        if x == before_x + 1:  # each of two neighbours goes half the way to the other
            middle = (before_y + begin) // 2
            dots[before_x] |= _span(middle, before_y)
            if middle < bottom:
                bottom = middle
            elif middle > top:
                top = middle
        elif before_x >= 0:
            _join(canvas, (before_x, before_y), (x, begin))
        dots[x] |= (2 << top) - (1 << bottom)
        before_x, before_y = x, end


def _span(one: int, other: int) -> int:
    """All dots from one to another, whichever is higher."""
    return (2 << other) - (1 << one) if one < other else (2 << one) - (1 << other)


def ends(canvas: Canvas, columns: Sequence[Column], y_range: tuple[float, float]) -> None:
    """A faint curve: of each column only the least and the greatest."""
    scale, dots = scaled(canvas.top, y_range), canvas.columns
    for x, low, high, _first, _last in columns:
        dots[x] |= 1 << scale(low)
        if high != low:
            dots[x] |= 1 << scale(high)


def band(
    canvas: Canvas, lows: Sequence[Column], highs: Sequence[Column], y_range: tuple[float, float]
) -> None:  # fmt: skip
    """The surface between two curves over the same steps, as a texture that stays behind curves."""
    scale = scaled(canvas.top, y_range)
    edges = [(one.x, scale(one.low), scale(other.high)) for one, other in zip(lows, highs, strict=True)]
    for x, low, high in edges:
        canvas.column(x, low, high)
    for (x0, low0, high0), (x1, low1, high1) in pairwise(edges):
        for x in range(x0 + 1, x1):
            part = (x - x0) / (x1 - x0)
            canvas.column(x, round(low0 + (low1 - low0) * part), round(high0 + (high1 - high0) * part))
    even, odd = masks(canvas.height)
    canvas.keep(even, odd)


def scaled(top: int, y_range: tuple[float, float]) -> Callable[[float], int]:
    """From a value to the number of its dot, of which `top` is the highest."""
    low, high = y_range
    span = high - low
    if not 0 < span < math.inf:
        return lambda _value: (top + 1) // 2
    return lambda value: round((value - low) / span * top)


def thinned(
    steps: Sequence[float], values: Sequence[float], columns: int, x_range: tuple[float, float]
) -> Iterator[Column]:
    """For each column that has points: its place, and the least, greatest, first and last value in it."""
    start, stop = x_range
    place, span = scaled(columns - 1, x_range), stop - start
    each = span / (columns - 1) if columns > 1 and 0 < span < math.inf else 0.0
    at, last = bisect_left(steps, start), bisect_right(steps, stop)
    if isinstance(values, array):
        values = values.tolist()  # whose numbers would be made anew each time that they are looked at
    while at < last:
        x = place(steps[at])
        # The first step that rounds to a later column ends this one.
        end = bisect_left(steps, start + (x + 0.5) * each, at + 1, last) if each else last
        if end == at + 1:
            value = values[at]
            yield Column(x, value, value, value, value)
        else:
            part = values[at:end]
            yield Column(x, min(part), max(part), part[0], part[-1])
        at = end


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
