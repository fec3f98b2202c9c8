"""The points of one curve in bounded memory: of very many, the extremes of each few, so that peaks stay."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from operator import lt

from engine.points import Points

MOST = 8192  # points of a curve, 128 KiB: many times the dots of a screen, so that a part of it can be seen larger
MOST_LOST = 1024


def _numbers() -> array[float]:
    return array("d")


@dataclass
class Series:
    """A curve by ascending step.

    While there are few points, all are kept. Of more, `each` neighbours that were said become two, the least and the
    greatest, each with its own step, and their mean is kept beside them for smoothing.
    """

    name: str
    steps: array[float] = field(default_factory=_numbers)
    values: array[float] = field(default_factory=_numbers)
    last: float = math.nan
    not_finite: int = 0
    lost: array[float] = field(default_factory=_numbers)  # steps of points that are not finite
    said: int = 0  # points, finite or not
    each: int = 1
    most: int = MOST
    _means: array[float] = field(default_factory=_numbers)  # a mean for every two points that were thinned

    def add(self, step: float, value: float) -> None:
        """A point; one at an earlier step comes from a resumed run, which goes on from there."""
        self.extend(Points(array("d", [step]), array("d", [value])))

    def extend(self, new: Points) -> None:
        """Points in the order in which they were said."""
        if not new.steps:
            return
        self.said += len(new)
        self.last = new.values[-1]
        start = 0
        for end in [*_falls(new.steps), len(new)]:
            self._rising(new.steps[start:end], new.values[start:end])
            start = end
        if len(self.steps) - self._thinned >= self.each > 1:
            self._thin()
        while len(self.steps) >= self.most and (self.each == 1 or len(self._means) > 1):
            self._coarser()

    def means(self) -> Iterator[tuple[float, float, int]]:
        """Step, mean and number of neighbours: single points, or groups of them where they were thinned."""
        for group, mean in enumerate(self._means):
            yield self.steps[2 * group + 1], mean, self.each
        for step, value in zip(
            islice(self.steps, self._thinned, None), islice(self.values, self._thinned, None), strict=True
        ):
            yield step, value, 1

    @property
    def _thinned(self) -> int:
        """How many of the kept points stand for others."""
        return 2 * len(self._means)

    def _rising(self, steps: array[float], values: array[float]) -> None:
        """Points of ascending steps, which replace all that was said of these steps and later ones."""
        if self.steps and steps[0] <= self.steps[-1]:
            self._cut(steps[0])
        if not math.isfinite(sum(values)):  # one nan or inf makes the sum one
            steps, values = self._finite(steps, values)
        self.steps.extend(steps)
        self.values.extend(values)

    def _finite(self, steps: array[float], values: array[float]) -> tuple[array[float], array[float]]:
        places = [place for place, value in enumerate(values) if math.isfinite(value)]
        lost = [step for step, value in zip(steps, values, strict=True) if not math.isfinite(value)]
        self.not_finite += len(lost)
        self.lost.extend(lost)
        while len(self.lost) > MOST_LOST:
            self.lost = self.lost[::2]
        return array("d", [steps[place] for place in places]), array("d", [values[place] for place in places])

    def _cut(self, step: float) -> None:
        keep = bisect_left(self.steps, step)
        del self.steps[keep:], self.values[keep:], self._means[keep // 2 :]
        gone = len(self.lost) - (kept := bisect_left(self.lost, step))
        del self.lost[kept:]
        self.not_finite -= gone

    def _thin(self) -> None:
        """Make two of each whole group at the end."""
        start, each = self._thinned, self.each
        whole = start + (len(self.steps) - start) // each * each
        values = self.values[start:whole].tolist()
        self._means.extend([sum(values[at : at + each]) / each for at in range(0, len(values), each)])
        self._keep_extremes(start, values, each)

    def _coarser(self) -> None:
        """Let twice as many neighbours become two; the first time, four."""
        if self.each == 1:
            self.each = 4
            self._thin()
            return
        even = len(self._means) // 2 * 2  # a last group without a partner becomes single points again
        pairs = zip(self._means[0:even:2], self._means[1:even:2], strict=True)
        self._means = array("d", [(one + other) / 2 for one, other in pairs])
        self._keep_extremes(0, self.values[: 2 * even].tolist(), 4)
        self.each *= 2

    def _keep_extremes(self, start: int, values: list[float], group: int) -> None:
        """Of the points from `start` on that have these values, keep two of each group."""
        places = _extremes(values, group)
        end = start + len(values)
        steps = self.steps[start:end].tolist()
        self.steps[start:end] = array("d", [steps[place] for place in places])
        self.values[start:end] = array("d", [values[place] for place in places])


def _falls(steps: array[float]) -> list[int]:
    """Where a step is not above the one before it."""
    if all(map(lt, steps, islice(steps, 1, None))):
        return []
    return [place for place in range(1, len(steps)) if steps[place] <= steps[place - 1]]


def _extremes(values: list[float], group: int) -> list[int]:
    """The places of the least and greatest value of each group, in order; where all are equal, the first and last."""
    places = []
    for at in range(0, len(values), group):
        part = values[at : at + group]
        low, high = part.index(min(part)), part.index(max(part))
        if low > high:
            low, high = high, low
        elif low == high:
            low, high = 0, group - 1
        places.append(at + low)
        places.append(at + high)
    return places
