"""What a run has said so far, folded from its events into what the screens draw."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from engine import events
from engine.events import Event, Gpu, Host
from engine.run import Status

KEPT = 240  # readings of processor and GPU: eight minutes at one every two seconds
WINDOW_S = 60.0
FEW = 6
MOST = 4096  # points of a curve: more than any screen has columns of dots, and 64 KiB


@dataclass
class Span:
    """A phase with its begin and end."""

    name: str
    began: float
    ended: float | None = None
    done: int = 0
    total: int = 0
    unit: str = ""


@dataclass
class Series:
    """The points of one curve, by step; of very many, the least and the greatest of each few, so that peaks stay."""

    name: str
    steps: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))
    last: float = math.nan
    not_finite: int = 0
    _each: int = 2  # points that are kept as two
    _single: int = 0  # points at the end that are still kept as they are

    def add(self, step: float, value: float) -> None:
        """A point; one at an earlier step comes from a resumed run, which goes on from there."""
        if self.steps and step <= self.steps[-1]:
            keep = bisect_left(self.steps, step)
            del self.steps[keep:], self.values[keep:]
        self.last = value
        if not math.isfinite(value):
            self.not_finite += 1
            return
        self.steps.append(step)
        self.values.append(value)
        self._single += 1
        if self._single >= self._each > 2:
            self._thin(len(self.steps) - self._single, self._single)
        if len(self.steps) >= MOST:
            self._thin(0, 4)
            self._each *= 2

    def _thin(self, start: int, group: int) -> None:
        """Keep two points of each group from `start` on."""
        kept = [place for at in range(max(0, start), len(self.values), group) for place in self._extremes(at, group)]
        self.steps[start:] = array("d", [self.steps[place] for place in kept])
        self.values[start:] = array("d", [self.values[place] for place in kept])
        self._single = 0

    def _extremes(self, at: int, group: int) -> list[int]:
        places = range(at, min(at + group, len(self.values)))
        low, high = (find(places, key=self.values.__getitem__) for find in (min, max))
        return sorted({low, high}) if low != high else [places[0], places[-1]] if len(places) > 1 else [at]


@dataclass
class Pace:
    """How fast it goes: from the units that were done in the last minute, or the last few where they take longer."""

    points: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def add(self, at: float, done: int) -> None:
        """Progress at a time; going back means that something new began."""
        if self.points and done <= self.points[-1][1]:
            if done == self.points[-1][1]:
                return
            self.points.clear()
        self.points.append((at, done))
        while len(self.points) > FEW and at - self.points[0][0] > WINDOW_S:
            self.points.popleft()

    @property
    def per_second(self) -> float:
        if len(self.points) < 2:
            return 0.0
        (first_at, first), (last_at, last) = self.points[0], self.points[-1]
        return (last - first) / (last_at - first_at) if last_at > first_at else 0.0


@dataclass
class Story:
    """Everything that a run has said, bounded where it could grow without an end."""

    phases: list[Span] = field(default_factory=list)
    pace: Pace = field(default_factory=Pace)
    curves: dict[str, Series] = field(default_factory=dict)
    hosts: deque[Host] = field(default_factory=lambda: deque(maxlen=KEPT))
    gpus: dict[int, deque[Gpu]] = field(default_factory=dict)

    def fold(self, arrived: Iterable[Event]) -> None:
        """Take in what has arrived."""
        for event in arrived:
            self._take(event)

    def brought_up_to_date(self, status: Status) -> Status:
        """A status, which is written twice a second, with the progress that was said since."""
        if status.state != "running" or not self.phases:
            return status
        span = self.phases[-1]
        return replace(status, phase=span.name, done=span.done, total=span.total, unit=span.unit)

    def _take(self, event: Event) -> None:
        match event:
            case events.Metric(name=name, value=value, step=step) if step is not None:
                self.curves.setdefault(name, Series(name)).add(step, value)
            case events.Progress():
                self._progress(event)
            case events.Phase(name=name):
                self._phase(name, event.at)
            case Host():
                self.hosts.append(event)
            case Gpu(index=index):
                self.gpus.setdefault(index, deque(maxlen=KEPT)).append(event)

    def _phase(self, name: str, at: float) -> None:
        if self.phases:
            self.phases[-1].ended = at
        self.phases.append(Span(name, at))
        self.pace = Pace()

    def _progress(self, event: events.Progress) -> None:
        if not self.phases:
            self.phases.append(Span("", event.at))
        span = self.phases[-1]
        span.done, span.total, span.unit = event.done, event.total, event.unit
        self.pace.add(event.at, event.done)
