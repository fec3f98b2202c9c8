"""What a chart is given: lines with what there is to know of them, and how somebody looks at them."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress

from tui.format import number
from tui.kept import Kept
from tui.smoothing import smoothed
from tui.widgets.braille import Column, thinned

Points = tuple[Sequence[float], Sequence[float]]  # steps and values


def letter(index: int) -> str:
    """The sign of a curve, by which it is known without its colour."""
    return chr(ord("a") + index) if index < 26 else "·"


def placed(lines: Sequence[Line]) -> list[tuple[int, Line]]:
    """The lines with the numbers that give them their signs and tones."""
    return [(line.place if line.place >= 0 else place, line) for place, line in enumerate(lines)]


def signed(lines: Sequence[Line]) -> bool:
    """Whether lines need signs: there are several, or there are others elsewhere."""
    return len(lines) > 1 or any(line.place >= 0 for line in lines)


@dataclass(frozen=True)
class View:
    """How somebody looks at a chart; the cursor is a step, the range is all where it is None."""

    log: bool = False
    smooth: float = 0.0
    x_range: tuple[float, float] | None = None
    cursor: float | None = None
    chosen: bool = False


@dataclass(frozen=True)
class Band:
    """An interval at each step."""

    steps: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True)
class Line:
    """A curve: its points by ascending step, all finite; its newest value, and how many were not finite, and where.

    `means` are its step, value and number of points for smoothing; `about` says what it is made of.
    """

    name: str
    steps: Sequence[float]
    values: Sequence[float]
    last: float | None = None
    not_finite: int = 0
    lost: Sequence[float] = ()
    band: Band | None = None
    means: Callable[[], Iterable[tuple[float, float, int]]] | None = None
    about: str = ""
    thinned: bool = False
    percent: bool = False  # a share, whose value is told in per cent
    place: int = -1  # among several runs, which gives it its sign and tone; else it is the place among the lines
    kept: Kept = field(default_factory=Kept, repr=False, compare=False)  # for whoever draws it again, unless it grew

    def columns(self, view: View, count: int, x_range: tuple[float, float]) -> list[Column]:
        """Its points thinned to so many columns of dots; as logarithms on a log scale."""
        question = (view.log, count, x_range)
        return self.kept.of("columns", question, lambda: _thin((self.steps, self.values), *question))

    def smooth_columns(self, view: View, count: int, x_range: tuple[float, float]) -> list[Column] | None:
        """The same of the smoothed curve, where it is to be drawn as well."""
        if not view.smooth or self.means is None:
            return None
        points = self.kept.of("smooth", view.smooth, lambda: self._smooth(view.smooth))
        question = (view.log, count, x_range)
        return self.kept.of("smooth columns", (view.smooth, *question), lambda: _thin(points, *question))

    def _smooth(self, weight: float) -> Points:
        assert self.means is not None
        return smoothed(self.means(), weight)

    @property
    def below(self) -> Sequence[float]:
        """Steps of the points that have no place on a log scale."""
        return self.kept.of("below", None, lambda: _below(self.steps, self.values))

    def words(self, view: View) -> str:
        """Its name with its newest value, or with that of the point nearest to the cursor, and what is not drawn."""
        told = [f"{self.not_finite} not finite"] if self.not_finite else []
        below = len(self.below) if view.log else 0
        told += [f"{'at least ' * self.thinned}{below} ≤ 0 not drawn"] if below else []
        notes = f" ({', '.join(told)})" if told else ""
        return f"{self.name} {self._value(view)}{self.about}{notes}".strip()

    def _value(self, view: View) -> str:
        place = self.nearest(view.cursor) if view.cursor is not None else None
        if place is None:
            return "no point" if self.last is None or not self.steps else self._told(self.last)
        elsewhere = f"@{number(self.steps[place])}" if self.steps[place] != view.cursor else ""
        return f"{exact(self.values[place])}{elsewhere}"

    def _told(self, value: float) -> str:
        return f"{value:.0%}".replace("%", " %") if self.percent else number(value)

    def nearest(self, step: float) -> int | None:
        """The place of the point nearest to a step, the earlier of two; None where there is no point."""
        if not self.steps:
            return None
        after = bisect_left(self.steps, step)
        places = [place for place in (after - 1, after) if 0 <= place < len(self.steps)]
        return min(places, key=lambda place: abs(self.steps[place] - step))


def _thin(points: Points, log: bool, count: int, x_range: tuple[float, float]) -> list[Column]:
    columns = list(thinned(*(_above(*points) if log else points), count, x_range))
    return as_logarithms(columns) if log else columns


def as_logarithms(columns: Sequence[Column]) -> list[Column]:
    """Columns for a log scale; all values are above 0."""
    if not columns:
        return []
    places, *values = zip(*columns, strict=True)
    return list(map(Column, places, *(map(math.log10, part) for part in values)))


def _above(steps: Sequence[float], values: Sequence[float]) -> Points:
    if not values or min(values) > 0:
        return steps, values
    chosen = [value > 0 for value in values]
    return list(compress(steps, chosen)), list(compress(values, chosen))


def _below(steps: Sequence[float], values: Sequence[float]) -> Sequence[float]:
    if not values or min(values) > 0:
        return ()
    return [step for step, value in zip(steps, values, strict=True) if value <= 0]


def exact(value: float) -> str:
    """A number in seven digits, for somebody who looks at one point."""
    return f"{value:.7g}" if math.isfinite(value) else str(value)
