"""What a run has said so far, folded from its events into what the screens draw."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from engine import events, points
from engine.events import Event, Gpu, Host
from engine.points import Block
from engine.run import Status
from tui import series
from tui.series import Series

KEPT = 240  # readings of processor and GPU: eight minutes at one every two seconds
WINDOW_S = 60.0
FEW = 6
MOST_CURVES = 2000
MOST_POINTS = 1 << 18  # of all curves together, 4 MiB; the more curves, the fewer points of each
FEWEST = 1024  # points that every curve may have


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
    unseen: set[str] = field(default_factory=set)  # some names of curves beyond the most that are kept
    hosts: deque[Host] = field(default_factory=lambda: deque(maxlen=KEPT))
    gpus: dict[int, deque[Gpu]] = field(default_factory=dict)

    def fold(self, arrived: Iterable[Event]) -> None:
        """Take in what has arrived."""
        self.take(points.of_events(arrived))

    def take(self, block: Block) -> None:
        """Take in a part of what it said."""
        for event in block.events:
            self._take(event)
        for name, new in block.points.items():
            if (curve := self._curve(name)) is not None:
                curve.extend(new)

    def _curve(self, name: str) -> Series | None:
        if name not in self.curves:
            if len(self.curves) >= MOST_CURVES:
                if len(self.unseen) < MOST_CURVES:
                    self.unseen.add(name)
                return None
            self.curves[name] = Series(name)
            most = max(FEWEST, min(series.MOST, MOST_POINTS // len(self.curves)))
            for curve in self.curves.values():
                curve.most = most
        return self.curves[name]

    def brought_up_to_date(self, status: Status) -> Status:
        """A status, which is written twice a second, with the progress that was said since."""
        if status.state != "running" or not self.phases:
            return status
        span = self.phases[-1]
        return replace(status, phase=span.name, done=span.done, total=span.total, unit=span.unit)

    def _take(self, event: Event) -> None:
        match event:
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
