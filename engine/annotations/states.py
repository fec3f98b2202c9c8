"""The four states of a variable, and how far coders are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.annotations.decision import BLANK, CANT_TELL, Decision, Unit
from engine.annotations.log import Log
from engine.annotations.past import past
from engine.annotations.queue import Study, overlap, plan

STATES = ("label", "cant_tell", "blank", "unseen")


@dataclass(frozen=True)
class Progress:
    """How far a coder is.

    Attributes:
        done: frames on which every variable is decided.
        asked: frames that the coder is asked for, those that are done among them.
        overlap: how many frames of the overlap are done.
        overlap_asked: how many frames the overlap has.
        recode: frames with a blank that come back.
        repeats: hidden repeats that are done.
        repeats_asked: how many there will be.
        states: of each variable how many frames are in each of the four states.
    """

    coder: str
    done: int
    asked: int
    overlap: int
    overlap_asked: int
    recode: int
    repeats: int
    repeats_asked: int
    states: Mapping[str, Mapping[str, int]]


def state(decision: Decision | None) -> str:
    """Whether there is a label, "can't tell", a blank that was saved, or nothing at all."""
    if decision is None:
        return "unseen"
    return {CANT_TELL: "cant_tell", BLANK: "blank"}.get(decision.value, "label")


def progress(
    log: Log,
    coder: str,
    study: Study,
    units: Sequence[Unit],
    variables: Sequence[str],
    active: Collection[Unit] = (),
) -> Progress:
    """How far a coder is in his or her queue.

    Raises:
        AskError: the study names its coders, and not this one.
    """
    before = past(log, coder, variables)
    items = plan(coder, study, units, before, active)
    kinds = Counter(item.kind for item in items)
    done = {unit for unit, kind in before.shown if kind == "code"}
    shared = overlap(study.salt, units, study.overlap)
    return Progress(
        coder,
        len(done),
        kinds["code"],
        len(done & shared),
        len(shared),
        kinds["recode"],
        sum(kind == "repeat" for _, kind in before.shown),
        kinds["repeat"],
        _states(log.newest(coder=coder), variables, {item.unit for item in items}),
    )


def _states(newest: Iterable[Decision], variables: Sequence[str], units: Collection[Unit]) -> dict[str, dict[str, int]]:
    found = {name: dict.fromkeys(STATES, 0) for name in variables}
    for one in newest:
        if one.variable in found and one.unit in units:
            found[one.variable][state(one)] += 1
    for counts in found.values():
        counts["unseen"] = len(units) - sum(counts.values())
    return found


def double_coded(log: Log, shared: Iterable[Unit], variables: Sequence[str]) -> int:
    """How many units of the overlap at least two coders have done."""
    return sum(len(_done(log.newest(unit=unit), variables)) > 1 for unit in shared)


def _done(newest: Iterable[Decision], variables: Sequence[str]) -> list[str]:
    decided: dict[str, set[str]] = {}
    for one in newest:
        decided.setdefault(one.coder, set()).add(one.variable)
    return [coder for coder, names in decided.items() if names >= set(variables)]
