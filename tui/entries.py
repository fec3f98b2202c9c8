"""A run as the lists show it: plain values, gathered by the catalog service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine import fields as of_run
from engine.fields import measured as measured
from engine.filter import Value
from engine.labels import Labels
from engine.progress import remaining
from engine.run import Status
from tui import format as words


@dataclass(frozen=True)
class Load:
    """What a run uses now: processor (100 = one core), memory in bytes, and its busiest GPU in percent."""

    cpu_percent: float
    memory_bytes: int
    gpu_percent: float | None = None

    @property
    def fields(self) -> dict[str, Value]:
        """What a filter can ask for by name: cpu>150% is more than one core and a half."""
        found: dict[str, Value] = {"cpu": self.cpu_percent / 100, "memory": float(self.memory_bytes)}
        return found if self.gpu_percent is None else {**found, "gpu": self.gpu_percent / 100}


@dataclass(frozen=True)
class Entry:
    """One run."""

    id: str
    job: str
    created_at: float
    status: Status
    tags: tuple[str, ...] = ()
    note: str = ""
    load: Load | None = None
    simulated: bool = False  # whether its machine is a process of this computer

    @property
    def state(self) -> str:
        return self.status.state

    @property
    def name(self) -> str:
        """What people call it: its title, else its job."""
        return self.status.title or self.job

    @property
    def moving(self) -> bool:
        return self.state in words.MOVING

    @cached_property
    def headline(self) -> tuple[str, float] | None:
        """The metric to show first, with its value."""
        return headline(self.status)

    @cached_property
    def lasting(self) -> Mapping[str, Value]:
        """What a filter can ask for by name, but for what changes with the clock."""
        found = of_run.lasting(self.id, self.job, self.status, Labels(self.tags, self.note))
        return found if self.load is None else found | self.load.fields

    def fields(self, now: float) -> Mapping[str, Value]:
        """All that a filter can ask for by name."""
        return {**self.lasting, **of_run.passing(self.created_at, self.status, now)}

    @property
    def eta_s(self) -> float | None:
        """Seconds to the end of the present phase; None where nobody knows."""
        return remaining(self.status)

    @cached_property
    def changed_at(self) -> float:
        """When it last began or ended."""
        return of_run.changed_at(self.status, self.created_at)


def headline(status: Status) -> tuple[str, float] | None:
    """The metric to show first, with its value."""
    known = measured(status)
    name = words.headline(known, [judged.name for judged in status.criteria])
    return (name, known[name]) if name else None


def passed(status: Status) -> str:
    """Criteria passed of those declared: 2/3; nothing where none was declared."""
    return f"{sum(bool(c.passed) for c in status.criteria)}/{len(status.criteria)}" if status.criteria else ""


def why(status: Status) -> str:
    """Why a run did not succeed, in one line."""
    return words.first_line(status.error) or f"it is {status.state}"


def counts(entries: Sequence[Entry]) -> str:
    """How many runs move, wait and need a look: 2 running · 1 waiting."""
    found = [(sum(entry.state == name for entry in entries), word) for name, word in _COUNTED]
    return " · ".join(f"{count} {word}" for count, word in found if count)


_COUNTED = (("running", "running"), ("pending", "waiting"))
