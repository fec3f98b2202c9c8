"""The gold set: frames whose label is settled, and what was left out; a pure function of the log at a moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.annotations.decision import CANT_TELL, CODED, Decision, Unit
from engine.annotations.given import Variables, decided, given, in_order, is_label
from engine.annotations.log import Log

AGREED, ADJUDICATED = "agreed", "adjudicated"
LEAST = 2  # coders who have to give the label
DIFFER, UNSURE, BLANKS = "coders differ", "can't tell", "left blank"
ONE, NOTHING = "one coder", "one coder, no label"
UNKNOWN, UNDECIDABLE = "label not in the codebook", "adjudicated: can't tell"
WHYS = (DIFFER, UNSURE, UNDECIDABLE, UNKNOWN, BLANKS, ONE, NOTHING)
RULE = (
    f"A label is gold where at least {LEAST} coders gave it and nobody gave another one or said can't tell; a blank "
    "says nothing for or against it. Where adjudicated frames join, the newest adjudication that stands decides."
)


@dataclass(frozen=True)
class Verdict:
    """What becomes of a unit in one variable.

    Attributes:
        label: empty where it is left out.
        origin: agreed or adjudicated; empty where it is left out.
        why: it is left out; empty where it is gold.
        given: the label of each coder who gave one, in the codebook's order.
        against: the label that all coders agree on, where an adjudicator decided for another one.
    """

    unit: Unit
    variable: str
    label: str = ""
    origin: str = ""
    why: str = ""
    given: tuple[str, ...] = ()
    against: str = ""

    @property
    def missed(self) -> bool:
        """Whether it could have been gold: what only one coder has seen is no hard frame."""
        return self.why not in ("", ONE, NOTHING)


@dataclass(frozen=True)
class Share:
    """How often a label is gold, and how often it was given to what was left out (each such frame counts once)."""

    label: str
    gold: int
    left_out: float


@dataclass(frozen=True)
class Gold:
    """The verdict on every unit that anybody has seen, for each variable."""

    variables: Variables
    verdicts: Mapping[str, Mapping[Unit, Verdict]]

    def units(self) -> list[Unit]:
        """Those with a gold label in at least one variable."""
        return sorted({unit for found in self.verdicts.values() for unit, one in found.items() if one.label})

    def left_out(self) -> list[Verdict]:
        """What two coders have seen and is not gold, by variable and unit."""
        return [found[unit] for found in self.verdicts.values() for unit in sorted(found) if found[unit].missed]

    def count(self, variable: str) -> int:
        """How many units have a gold label."""
        return sum(bool(one.label) for one in self.verdicts[variable].values())

    def origins(self, variable: str) -> dict[str, int]:
        """How many of them are agreed, and how many adjudicated."""
        found = Counter(one.origin for one in self.verdicts[variable].values())
        return {origin: found[origin] for origin in (AGREED, ADJUDICATED)}

    def whys(self, variable: str) -> dict[str, int]:
        """How many units were left out, and why."""
        found = Counter(one.why for one in self.verdicts[variable].values())
        return {why: found[why] for why in WHYS if found[why]}

    def overruled(self, variable: str) -> int:
        """On how many units an adjudicator decided against what all coders agree on."""
        return sum(bool(one.against) for one in self.verdicts[variable].values())

    def mix(self, variable: str) -> list[Share]:
        """The classes of what is gold, beside those of what was left out, in the codebook's order."""
        verdicts = self.verdicts[variable].values()
        gold = Counter(one.label for one in verdicts)
        rest: dict[str, float] = {}
        for one in verdicts:
            for label in one.given if one.missed else ():
                rest[label] = rest.get(label, 0.0) + 1 / len(one.given)
        labels = [*self.variables[variable], *sorted(rest.keys() - set(self.variables[variable]))]
        return [Share(label, gold[label], rest.get(label, 0.0)) for label in labels]


def gold(decisions: Iterable[Decision], variables: Variables, adjudications: Iterable[Decision] = ()) -> Gold:
    """The verdicts that follow from decisions; adjudications join where any are handed over.

    Args:
        decisions: of each coder, unit and variable the one that stands.
        variables: the labels of each, in the codebook's order.
        adjudications: those that stand.
    """
    values, settled = given(decisions), decided(adjudications)
    return Gold(variables, {
        name: _verdicts(name, labels, values.get(name, {}), settled.get(name, {}))
        for name, labels in variables.items()
    })  # fmt: skip


def with_adjudicated(agreed: Gold, decisions: Iterable[Decision], adjudications: Iterable[Decision]) -> Gold:
    """A gold set of the same decisions in which adjudicated frames have joined; only these are judged anew."""
    settled = decided(adjudications)
    mine = [one for one in decisions if one.unit in settled.get(one.variable, ())]
    anew = gold(mine, agreed.variables, [one for found in settled.values() for one in found.values()])
    return Gold(agreed.variables, {name: {**found, **anew.verdicts[name]} for name, found in agreed.verdicts.items()})


def of_log(log: Log, variables: Variables, *, adjudicated: bool = False, as_of: float | None = None) -> Gold:
    """The gold set as the log has it now, or had it at a moment."""
    decisions = log.newest(kinds=CODED, as_of=as_of)
    return gold(decisions, variables, log.newest(kinds=("adjudication",), as_of=as_of) if adjudicated else ())


def _verdicts(
    variable: str, labels: Sequence[str], values: Mapping[Unit, Mapping[str, str]], settled: Mapping[Unit, Decision]
) -> dict[Unit, Verdict]:
    units = [*values, *(unit for unit in settled if unit not in values)]
    return {unit: _verdict(unit, variable, labels, values.get(unit, {}), settled.get(unit)) for unit in units}


def _verdict(
    unit: Unit, variable: str, labels: Sequence[str], coders: Mapping[str, str], decision: Decision | None
) -> Verdict:
    every = _labels(coders.values(), labels)
    why = _why(every, coders.values(), labels)
    agreed = "" if why else every[0]
    if decision is None:
        return Verdict(unit, variable, agreed, AGREED if agreed else "", why, every)
    if not is_label(decision.value):
        return Verdict(unit, variable, why=UNDECIDABLE, given=every, against=agreed)
    if decision.value not in labels:
        return Verdict(unit, variable, why=UNKNOWN, given=every, against=agreed)
    return Verdict(unit, variable, decision.value, ADJUDICATED, "", every, agreed * (agreed != decision.value))


def _labels(values: Collection[str], labels: Sequence[str]) -> tuple[str, ...]:
    """The labels among some values, one a coder, in the codebook's order."""
    chosen = [value for value in values if is_label(value)]
    if len(set(chosen)) < 2:  # as with most units of a study, of which there may be many
        return tuple(chosen)
    return tuple(label for label in in_order(chosen, labels) for value in chosen if value == label)


def _why(chosen: Sequence[str], values: Collection[str], labels: Sequence[str]) -> str:
    """Why a unit is not agreed on; empty where it is."""
    if len(values) < LEAST:
        return ONE if chosen else NOTHING
    if len(set(chosen)) > 1:
        return DIFFER
    if CANT_TELL in values:
        return UNSURE
    if len(chosen) < LEAST:
        return BLANKS
    return "" if chosen[0] in labels else UNKNOWN
