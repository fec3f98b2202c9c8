"""The points of one curve in bounded memory: of very many, the extremes of each few, so that peaks stay."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, repeat
from operator import lt

from engine.points import Points
from tui.kept import Kept

MOST = 8192  # points of a curve, 128 KiB: many times the dots of a screen, so that a part of it can be seen larger
MOST_LOST = 1024


def _numbers() -> array[float]:
    return array("d")


@dataclass
class Series:
    """A curve by ascending step.

    While there are few points, all are kept. Of more, groups of at most `each` neighbours become two points, the least
    and the greatest, each with its own step; the mean of a group is kept beside them for smoothing.
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
    kept: Kept = field(default_factory=Kept, repr=False, compare=False)  # what was found of its points, until it grows
    _means: array[float] = field(default_factory=_numbers)  # of each group
    _counts: array[int] = field(default_factory=lambda: array("L"))

    def add(self, step: float, value: float) -> None:
        """A point; one at an earlier step comes from a resumed run, which goes on from there."""
        self.extend(Points(array("d", [step]), array("d", [value])))

    def extend(self, new: Points) -> None:
        """Points in the order in which they were said."""
        if not new.steps:
            return
        self.kept.forget()
        self.said += len(new)
        self.last = new.values[-1]
        start = 0
        for end in [*_falls(new.steps), len(new)]:
            self._rising(new.steps[start:end], new.values[start:end])
            start = end
        if self.each > 1:
            self._thin()
        while len(self.steps) >= self.most:
            self._make_room()

    def means(self) -> Iterator[tuple[float, float, int]]:
        """Step, mean and number of neighbours: single points, or groups of them where they were thinned."""
        yield from zip(self.steps[1 : self._thinned : 2], self._means, self._counts, strict=True)
        yield from zip(self.steps[self._thinned :], self.values[self._thinned :], repeat(1))

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
        del self.steps[keep:], self.values[keep:], self._means[keep // 2 :], self._counts[keep // 2 :]
        gone = len(self.lost) - (kept := bisect_left(self.lost, step))
        del self.lost[kept:]
        self.not_finite -= gone

    def _thin(self) -> None:
        """Make groups of the single points at the end, small ones so that few of them wait for theirs."""
        start, size = self._thinned, min(self.each, self.most // 16)
        values = self.values[start : start + (len(self.values) - start) // size * size].tolist()
        ranges = [(at, at + size) for at in range(0, len(values), size)]
        self._means.extend([sum(values[at:end]) / size for at, end in ranges])
        self._counts.extend([size] * len(ranges))
        self._keep_extremes(start, values, ranges)

    def _make_room(self) -> None:
        """Join groups; where that is not enough, let groups be twice as large."""
        self._join()
        if len(self.steps) > self.most * 3 // 4:
            self.each = max(4, 2 * self.each)
            self._thin()
            self._join()

    def _join(self) -> None:
        """Make one of neighbouring groups that together stand for no more than `each` points."""
        counts, means = self._counts.tolist(), self._means.tolist()
        ranges = _runs(counts, self.each)
        if len(ranges) == len(counts):
            return
        sums = [count * mean for count, mean in zip(counts, means, strict=True)]
        joined = [sum(counts[at:end]) for at, end in ranges]
        self._means = array("d", [sum(sums[at:end]) / count for (at, end), count in zip(ranges, joined, strict=True)])
        self._counts = array("L", joined)
        values = self.values[: 2 * len(counts)].tolist()
        self._keep_extremes(0, values, [(2 * at, 2 * end) for at, end in ranges])

    def _keep_extremes(self, start: int, values: list[float], ranges: Sequence[tuple[int, int]]) -> None:
        """Of the points from `start` on that have these values, keep two of each range."""
        places = _extremes(values, ranges)
        end = start + len(values)
        steps = self.steps[start:end].tolist()
        self.steps[start:end] = array("d", [steps[place] for place in places])
        self.values[start:end] = array("d", [values[place] for place in places])


def _runs(counts: Sequence[int], most: int) -> list[tuple[int, int]]:
    """Ranges of neighbours whose counts together are no more than so many; one that is larger stays alone."""
    ranges, start, total = [], 0, 0
    for place, count in enumerate(counts):
        if total and total + count > most:
            ranges.append((start, place))
            start, total = place, 0
        total += count
    return [*ranges, (start, len(counts))] if counts else []


def _falls(steps: array[float]) -> list[int]:
    """Where a step is not above the one before it."""
    if all(map(lt, steps, islice(steps, 1, None))):
        return []
    return [place for place in range(1, len(steps)) if steps[place] <= steps[place - 1]]


def _extremes(values: list[float], ranges: Sequence[tuple[int, int]]) -> list[int]:
    """The places of the least and greatest value of each range, in order; where all are equal, the first and last."""
    places = []
    for at, end in ranges:
        part = values[at:end]
        low, high = part.index(min(part)), part.index(max(part))
        if low > high:
            low, high = high, low
        elif low == high:
            low, high = 0, end - at - 1
        places.append(at + low)
        places.append(at + high)
    return places
