"""Points of curves out of `events.jsonl`, a block at a time, without an event being made of each line."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import overload

from engine.events import Event, Metric, from_line, whole_lines

# A point as `to_line` writes it; a line that looks different in any way is read as every other line. Nothing is tried
# twice (`++`). Bytes are taken as Latin-1, in which each is one sign: a text is searched quicker than bytes are.
_WHOLE = "(?:0|[1-9][0-9]{0,14}+)"
_NUMBER = rf"-?{_WHOLE}(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+"
_LINES = re.compile(
    rf'\{{"kind":"Metric","at":{_NUMBER},"name":"([^"\\\x00-\x1f]*+)","value":({_NUMBER}),"step":(-?{_WHOLE})\}}(?=\n|\Z)'
    r"|([^\n]+)"
)
BATCH = 1 << 18  # bytes: a few milliseconds, in which no other thread of Python gets its turn


@dataclass
class Points:
    """Points of one curve in the order in which they were said; values may be nan and inf."""

    steps: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def __len__(self) -> int:
        return len(self.steps)


@dataclass
class Block:
    """A part of what a run said: points by the name of their curve, other events, and where the next part begins."""

    points: dict[str, Points]
    events: list[Event]
    offset: int = 0
    lines: bytes = b""

    @property
    def more(self) -> bool:
        """Whether there is likely more to read at once: it is as large as a part may be."""
        return len(self.lines) > BATCH // 2

    def __bool__(self) -> bool:
        return bool(self.points or self.events)


class Said(Sequence[Event]):
    """All events of a block in the order in which they were said, made when somebody asks for one of them."""

    def __init__(self, block: Block) -> None:
        self._block = block

    @cached_property
    def _events(self) -> list[Event]:
        found = (from_line(line) for line in self._block.lines.split(b"\n") if line)
        return [event for event in found if event is not None]

    def __len__(self) -> int:
        return len(self._events)

    @overload
    def __getitem__(self, place: int) -> Event: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Event]: ...
    def __getitem__(self, place: int | slice) -> Event | Sequence[Event]:
        return self._events[place]


def read(path: Path, offset: int = 0, limit: int = BATCH) -> Block:
    """What `events.read` reads, with the points of curves apart; among points of one curve their order is kept."""
    data, offset = whole_lines(path, offset, limit)
    return block(data, offset)


def block(data: bytes, offset: int = 0) -> Block:
    """Points and other events of whole lines."""
    raw: _Raw = defaultdict(lambda: ([], []))
    others: list[Event] = []
    for name, value, step, other in _LINES.findall(data.decode("latin-1")):
        if value:
            steps, values = raw[name]
            steps.append(step)
            values.append(value)
        elif (event := from_line(other.encode("latin-1"))) is not None:
            _sort(event, raw, others)
    return Block(_by_name(raw), others, offset, data)


def of_events(said: Iterable[Event]) -> Block:
    """The same of events that were read before."""
    raw: _Raw = defaultdict(lambda: ([], []))
    others: list[Event] = []
    for event in said:
        _sort(event, raw, others)
    return Block(_by_name(raw), others)


_Raw = defaultdict[str, tuple[list[str | float], list[str | float]]]  # names as they are in Latin-1


def _sort(event: Event, raw: _Raw, others: list[Event]) -> None:
    if not isinstance(event, Metric) or event.step is None:
        others.append(event)
        return
    with suppress(OverflowError):  # a number of 400 digits is no point of a curve
        step, value = float(event.step), float(event.value)
        steps, values = raw[event.name.encode("utf-8", "surrogatepass").decode("latin-1")]
        steps.append(step)
        values.append(value)


def _by_name(raw: _Raw) -> dict[str, Points]:
    found = {}
    before: list[str | float] = []
    numbers: array[float] = array("d")
    for name, (steps, values) in raw.items():
        if steps != before:  # curves that are told together have the same steps
            before, numbers = steps, array("d", map(float, steps))
        with suppress(UnicodeDecodeError):  # as in every other line, such a name is damage
            text = name.encode("latin-1").decode("utf-8", "surrogatepass")
            found[text] = Points(numbers, array("d", map(float, values)))
    return found
