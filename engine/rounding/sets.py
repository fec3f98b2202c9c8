"""Which frames of a round train, end training and judge; which are the pool; and which only watch for the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.annotations.decision import Unit
from engine.errors import DataError
from engine.rounding.fixed import Fixed, Rules
from engine.rounding.labels import Labels
from engine.stats import draw, sides
from engine.stats.choose import near
from engine.stats.sides import SIDES, TEST, TRAIN, VALIDATION
from engine.vision.shelf import Shelf

KEY = ("video_id", "frame_index", "group")
Tables = Mapping[str, Mapping[Unit, str]]


@dataclass(frozen=True)
class Sets:
    """All frames of a round, each in one place.

    Attributes:
        group_of: the group of each video.
        sides: of each group that has labels.
        labels: by side and variable, the codebook's label of each frame.
        pool: frames to ask for.
        unused: labelled frames of test groups that are not in the test set.
        leaks: training and validation frames that looked like a frame that judges them, and were dropped.
        changed: test frames on which the log says something else by now.
        pool_alike: frames of the pool that were dropped since they look like one that is labelled.
    """

    group_of: Mapping[str, str]
    sides: Mapping[str, str]
    labels: Mapping[str, Tables]
    pool: Sequence[Unit]
    stop: Sequence[Unit]
    unused: int
    leaks: int
    changed: int
    pool_alike: int

    def units(self, side: str) -> list[Unit]:
        """The frames of a side that have a label of any variable."""
        return sorted({unit for rows in self.labels[side].values() for unit in rows})

    def group(self, unit: Unit) -> str:
        return self.group_of.get(unit.video_id, unit.video_id)


def groups(
    candidates: Mapping[Unit, Mapping[str, str]], known: Sequence[Unit], together: Sequence[str]
) -> dict[str, str]:
    """The group of each video, those of labelled frames that frames.csv does not list included."""
    rows = [{**row, "video_id": unit.video_id} for unit, row in candidates.items()]
    return draw.groups([*rows, *({"video_id": unit.video_id} for unit in known)], together)


def shared(
    labels: Labels, variables: Sequence[str], fixed: Fixed, group_of: Mapping[str, str], former: Mapping[str, str],
    shelf: Shelf, candidates: Sequence[Unit], rules: Rules,
) -> Sets:  # fmt: skip
    """Every frame in its place.

    Args:
        former: the side of each video in the last round.

    Raises:
        DataError: a test frame cannot be decoded, or a side has no frames of some variable.
    """
    hashes = {Unit(*key): int(value) for key, value in zip(shelf.keys, shelf.hashes, strict=True)}
    fixed.must_be_there(hashes)
    usable = {name: {u: label for u, label in labels.variables[name].items() if u in hashes} for name in variables}
    side_of = sides.assigned(usable, group_of, {u.video_id for u in fixed.test}, former, rules.validation, rules.seed)
    found = _placed(usable, side_of, group_of)
    late = {unit for rows in found[TEST].values() for unit in rows} - set(fixed.test)
    changed = sum(
        any(row[name] != usable[name].get(unit, "") for name in variables) for unit, row in fixed.test.items()
    )
    found[TEST] = {name: {u: row[name] for u, row in fixed.test.items() if row[name]} for name in variables}
    leaks = sides.leaking(_keys(found), hashes, rules.near_bits)
    found |= {side: _without(found[side], leaks.keys) for side in (TRAIN, VALIDATION)}
    _check(found, side_of, group_of, hashes, rules)
    free = [u for u in candidates if u in hashes and u not in labels.seen and u not in fixed.stop]
    free = [u for u in free if side_of.get(group_of[u.video_id]) != TEST]
    pool = _unlike(free, [u for u in labels.seen if u in hashes], hashes, rules.near_bits)
    stop = [unit for unit in fixed.stop if unit in hashes]
    return Sets(group_of, side_of, found, pool, stop, len(late), leaks.found, changed, len(free) - len(pool))


def _placed(usable: Tables, side_of: Mapping[str, str], group_of: Mapping[str, str]) -> dict[str, Tables]:
    """Every label on the side of its video's group."""
    found: dict[str, dict[str, dict[Unit, str]]] = {side: {name: {} for name in usable} for side in SIDES}
    for name, rows in usable.items():
        for unit, label in rows.items():
            found[side_of[group_of[unit.video_id]]][name][unit] = label
    return {side: dict(of_it) for side, of_it in found.items()}


def _without(of_it: Tables, dropped: Set[Unit]) -> Tables:
    return {name: {u: label for u, label in rows.items() if u not in dropped} for name, rows in of_it.items()}


def _check(
    found: Mapping[str, Tables], side_of: Mapping[str, str], group_of: Mapping[str, str], hashes: Mapping[Unit, int],
    rules: Rules,
) -> None:  # fmt: skip
    """That nothing leaks, whatever was done to see to it."""
    sides.check(side_of, group_of, _keys(found))
    if left := sides.leaking(_keys(found), hashes, rules.near_bits).found:
        raise AssertionError(f"{left} frames still look like a frame that judges them")


def learnable(sets: Sets, variable: str, class_of: Any) -> None:
    """That each side has frames of a variable, and training two classes.

    Raises:
        DataError: what is lacking.
    """
    for side in SIDES:
        classes = Counter(class_of(label) for label in sets.labels[side][variable].values())
        if not classes:
            raise DataError(f"{variable}: no frames for {side}", hint=f"{_hint(side)}, or name the other variables")
        if side == TRAIN and len(classes) < 2:
            raise DataError(
                f"{variable}: all {classes.total()} training frames are {next(iter(classes))!r}: one class only",
                hint="label frames of another class in several videos, or leave the variable out of variables",
            )


def _hint(side: str) -> str:
    if side == TEST:
        return "the test set is that of round 0 for ever, which had no labels of it: take a workspace of its own for it"
    return "label frames of more videos"


def _keys(found: Mapping[str, Tables]) -> dict[str, list[Unit]]:
    return {side: sorted({unit for rows in of_it.values() for unit in rows}) for side, of_it in found.items()}


def _unlike(units: Sequence[Unit], others: Sequence[Unit], hashes: Mapping[Unit, int], bits: int) -> list[Unit]:
    mine, theirs = (np.array([hashes[unit] for unit in each], np.uint64) for each in (units, others))
    return [unit for unit, alike in zip(units, near(mine, theirs, bits), strict=True) if not alike]
