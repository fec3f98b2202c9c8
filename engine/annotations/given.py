"""What stands of each unit: the values that its coders gave, and what an adjudicator decided."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.annotations.decision import BLANK, CANT_TELL, Decision, Unit

if TYPE_CHECKING:
    from engine.specs.workspace import Settings

Values = Mapping[Unit, Mapping[str, str]]  # by unit and coder
Decided = Mapping[Unit, Decision]  # by unit
Variables = Mapping[str, Sequence[str]]  # the labels of each variable, in the codebook's order
BLANK_SAID = "blank"


def given(decisions: Iterable[Decision]) -> dict[str, dict[Unit, dict[str, str]]]:
    """By variable, unit and coder the value that stands; of several decisions the last one."""
    found: dict[str, dict[Unit, dict[str, str]]] = {}
    for one in decisions:
        found.setdefault(one.variable, {}).setdefault(one.unit, {})[one.coder] = one.value
    return found


def decided(adjudications: Iterable[Decision]) -> dict[str, dict[Unit, Decision]]:
    """By variable and unit the newest adjudication, whoever made it."""
    found: dict[str, dict[Unit, Decision]] = {}
    for one in adjudications:
        known = found.setdefault(one.variable, {})
        before = known.get(one.unit)
        if before is None or (one.at, one.key) > (before.at, before.key):
            known[one.unit] = one
    return found


def is_label(value: str) -> bool:
    """Whether somebody chose a label, and neither nothing nor that one cannot tell."""
    return value not in (BLANK, CANT_TELL)


def in_order(values: Iterable[str], labels: Sequence[str]) -> list[str]:
    """Different values in the codebook's order; then labels that it has no more, can't tell, and blank."""
    place = {**{label: at for at, label in enumerate(labels)}, CANT_TELL: len(labels) + 1, BLANK: len(labels) + 2}
    return sorted(set(values), key=lambda value: (place.get(value, len(labels)), value))


def said(value: str) -> str:
    """A value in words."""
    return value or BLANK_SAID


def unnamed(values: Mapping[str, str], unit: Unit, salt: str) -> list[str]:
    """The values of a unit without their coders, in an order that tells nobody who is who.

    It is another one for each unit, and the same at every look.
    """
    return [values[coder] for coder in sorted(values, key=lambda coder: _shuffled(coder, unit, salt))]


def _shuffled(coder: str, unit: Unit, salt: str) -> str:
    text = "\0".join((salt, unit.video_id, str(unit.frame_index), coder))
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def codebook(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The labels of each variable of a workspace, in their order."""
    return {name: variable.labels for name, variable in settings.variables.items()}


def uncompared(decisions: Iterable[Decision], variables: Collection[str]) -> str:
    """Why there is nothing to compare yet, and what to do; empty where two coders have seen the same frame."""
    coders: dict[tuple[Unit, str], set[str]] = {}
    for one in decisions:
        if one.variable in variables:
            coders.setdefault((one.unit, one.variable), set()).add(one.coder)
    if not coders:
        return "no labels yet\n  → footplate label --coder NAME"
    if all(len(names) < 2 for names in coders.values()):
        return "no frame was labelled by two coders yet\n  → footplate label --coder NAME, for another coder"
    return ""
