"""What was done so far, read from the log for the queue and for progress."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from engine.annotations.decision import BLANK, CODED, REMARK, Decision, Unit
from engine.annotations.log import Log
from engine.annotations.queue import Past

Occasion = tuple[Unit, str]  # a unit, and whether it was coded or repeated


@dataclass
class _Seen:
    """A unit as a coder saw it on one occasion."""

    first: dict[str, float] = field(default_factory=dict)
    newest: dict[str, str] = field(default_factory=dict)
    blanks: dict[str, int] = field(default_factory=dict)

    def add(self, variable: str, value: str, at: float) -> None:
        self.first.setdefault(variable, at)
        self.newest[variable] = value
        self.blanks[variable] = self.blanks.get(variable, 0) + (value == BLANK)

    def finished(self, variables: Collection[str]) -> float | None:
        """When the last variable was first decided; None where one still is not."""
        return max(self.first[name] for name in variables) if self.first.keys() >= set(variables) else None

    def waits(self, variables: Iterable[str]) -> bool:
        """Whether it is blank and was not asked again for that."""
        return any(self.newest.get(name) == BLANK and self.blanks[name] == 1 for name in variables)


def past(log: Log, coder: str, variables: Sequence[str]) -> Past:
    """What the queue has to know: a unit counts as done when every variable holds a label, "can't tell" or a blank."""
    seen = _seen(log, coder)
    finished = [(when, one) for one, found in seen.items() if (when := found.finished(variables)) is not None]
    shown = [one for _, one in sorted(finished)]
    blank = {unit for unit, kind in shown if kind == "code" and seen[unit, kind].waits(variables)}
    others = (log.seen(other) for other in log.coders() if other != coder)
    return Past(shown, blank, frozenset().union(*others))


def _seen(log: Log, coder: str) -> dict[Occasion, _Seen]:
    found: dict[Occasion, _Seen] = {}
    for unit, variable, kind, value, at in log.marks(coder):
        one = found.setdefault((unit, "code" if kind in CODED else kind), _Seen())
        one.add(variable, value, at)
    return found


def blanks(newest: Iterable[Decision]) -> list[Decision]:
    """The decisions that hold nothing, out of `Log.newest`: seen and saved with nothing chosen."""
    return [one for one in newest if one.value == BLANK and one.variable != REMARK]
