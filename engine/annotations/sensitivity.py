"""How much the gold set depends on its rule: beside it what Dawid and Skene's model makes of the same codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import child
from engine.annotations.decision import Decision, Unit
from engine.annotations.given import Variables, given, is_label
from engine.annotations.gold import Gold, Verdict

SURE = 0.95
ENOUGH = 10  # frames for each rate of the model
MODULE = "engine.stats.dawid_skene"
METHOD = (
    "Dawid and Skene (1979), maximum likelihood by EM from the shares of labels that each unit got: coders err "
    "independently, and on every unit alike. Blanks and can't tell count as not coded. It is a second opinion and "
    "never changes the gold set."
)
Ask = Callable[[Any], list[dict[str, Any]]]


@dataclass(frozen=True)
class Opinion:
    """What the model thinks of a unit: its probable label, and how probable that is."""

    unit: Unit
    label: str
    probability: float
    gold: str  # the gold label; empty where it is left out
    why: str  # it is left out
    given: tuple[str, ...]


@dataclass(frozen=True)
class Sensitivity:
    """The second opinion on one variable.

    Attributes:
        errors: of each coder a row for each true label: how often it gets each label; None where it never occurs.
        opinions: on every unit that anybody labelled.
        warnings: why not to trust it.
    """

    variable: str
    labels: tuple[str, ...]
    shares: tuple[float, ...]
    errors: Mapping[str, Sequence[Sequence[float] | None]]
    opinions: tuple[Opinion, ...]
    warnings: tuple[str, ...]

    @property
    def changed(self) -> list[Opinion]:
        """Gold labels that the model would change."""
        return [one for one in self.opinions if one.gold and one.gold != one.label]

    @property
    def unsure(self) -> list[Opinion]:
        """Gold labels of which the model is not sure."""
        return [one for one in self.opinions if one.gold == one.label and one.probability < SURE]

    @property
    def regained(self) -> list[Opinion]:
        """Hard frames that were left out, and of which the model is sure."""
        return [one for one in self.opinions if not one.gold and len(one.given) > 1 and one.probability >= SURE]


@dataclass(frozen=True)
class _Codes:
    variable: str
    coders: list[str]
    units: list[Unit]
    labels: list[str]
    rows: list[list[str | None]]


def sensitivity(decisions: Sequence[Decision], gold: Gold, ask: Ask | None = None) -> list[Sensitivity]:
    """The second opinion on each variable that two coders or more have labelled; computed in a process of its own.

    Raises:
        DataError: it could not be computed.
    """
    values = given(decisions)
    asked = [codes for name in gold.variables if (codes := _codes(name, values.get(name, {}), gold.variables))]
    if not asked:
        return []
    question = [{"rows": codes.rows, "labels": codes.labels} for codes in asked]
    answers = ask(question) if ask else child.ask(MODULE, question, "sensitivity")
    return [_told(codes, answer, gold.verdicts[codes.variable]) for codes, answer in zip(asked, answers, strict=True)]


def _codes(name: str, values: Mapping[Unit, Mapping[str, str]], variables: Variables) -> _Codes | None:
    """The labels of a variable that are in use; None where there is nothing to compare."""
    known = set(variables[name])
    rows = {unit: {coder: value for coder, value in coders.items() if value in known and is_label(value)}
            for unit, coders in values.items()}  # fmt: skip
    units = sorted(unit for unit, coders in rows.items() if coders)
    coders = sorted({coder for unit in units for coder in rows[unit]})
    used = {value for unit in units for value in rows[unit].values()}
    labels = [label for label in variables[name] if label in used]
    if len(coders) < 2 or len(labels) < 2:
        return None
    return _Codes(name, coders, units, labels, [[rows[unit].get(coder) for unit in units] for coder in coders])


def _told(codes: _Codes, answer: Mapping[str, Any], verdicts: Mapping[Unit, Verdict]) -> Sensitivity:
    opinions = [_opinion(verdicts[unit], codes.labels, chances)
                for unit, chances in zip(codes.units, answer["posterior"], strict=True)]  # fmt: skip
    errors = dict(zip(codes.coders, answer["errors"], strict=True))
    labels, shares, warnings = tuple(codes.labels), tuple(answer["shares"]), _warnings(answer, len(codes.units))
    return Sensitivity(codes.variable, labels, shares, errors, tuple(opinions), tuple(warnings))


def _opinion(verdict: Verdict, labels: Sequence[str], chances: Sequence[float]) -> Opinion:
    best = max(range(len(labels)), key=chances.__getitem__)
    return Opinion(verdict.unit, labels[best], chances[best], verdict.label, verdict.why, verdict.given)


def _warnings(answer: Mapping[str, Any], units: int) -> list[str]:
    found = []
    if not answer["identified"]:
        found.append("with so few coders the codes do not determine the model: the result hangs on where EM begins")
    elif units < ENOUGH * answer["rates"]:
        found.append(f"{answer['rates']} rates out of {units} frames: it is surer than it can be")
    if not answer["converged"]:
        found.append(f"EM had not settled after {answer['rounds']} rounds")
    return found


def to_json(found: Sequence[Sensitivity]) -> dict[str, Any]:
    """For programs."""
    return {"method": METHOD, "sure": SURE, "variables": {one.variable: _variable(one) for one in found}}


def _variable(one: Sensitivity) -> dict[str, Any]:
    return {
        "labels": one.labels, "shares": one.shares, "errors": one.errors, "warnings": one.warnings,
        "changed": [_unit(each) for each in one.changed], "unsure": [_unit(each) for each in one.unsure],
        "regained": [_unit(each) for each in one.regained], "units": [_unit(each) for each in one.opinions],
    }  # fmt: skip


def _unit(one: Opinion) -> dict[str, Any]:
    rest = {"label": one.label, "probability": one.probability, "gold": one.gold, "why": one.why, "given": one.given}
    return {"video_id": one.unit.video_id, "frame_index": one.unit.frame_index, **rest}
