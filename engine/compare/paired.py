"""Whether a run is better than another on the same test items: paired intervals, computed in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine import child
from engine.compare.items import Item, Items, clusters

SCORES = ("accuracy", "balanced_accuracy", "macro_f1")
REPLICATES, SWAPS, SEED = 2000, 9999, 0
METHOD = (
    f"Paired on the same test items. Interval: the middle 95 % of {REPLICATES:,} bootstrap replicates, in which whole "
    "groups of items that are alike are drawn (percentiles). p: two-sided, the two runs swapped group by group "
    f"(accuracy exactly, else {SWAPS:,} random swaps)."
)


@dataclass(frozen=True)
class Paired:
    """A difference of one score between a run and the reference, both on the same items."""

    metric: str
    side: int
    one: float  # of the reference
    other: float
    low: float
    high: float
    p: float
    items: int
    groups: int
    adjusted_p: float = 1.0  # by Holm, over all differences that are shown; see holm

    @property
    def difference(self) -> float:
        return self.other - self.one


@dataclass(frozen=True)
class Unpaired:
    """Why a difference has no interval."""

    variable: str
    side: int
    why: str


@dataclass(frozen=True)
class Pair:
    """Class numbers and group numbers of the items of one variable, for the reference and one other side."""

    variable: str
    side: int
    labels: Sequence[int]
    one: Sequence[int]
    other: Sequence[int]
    groups: Sequence[int]
    classes: int


def paired(sides: Sequence[Items | str], *, common: bool = False) -> tuple[list[Paired], list[Unpaired]]:
    """All paired differences to the first side, and why others have none.

    Args:
        sides: the items of each run, or why there are none.
        common: compare on the items that two runs have in common, where they do not have all of them.
    """
    pairs: list[Pair] = []
    unpaired: list[Unpaired] = []
    reference = sides[0]
    for place, side in enumerate(sides[1:], start=1):
        if isinstance(reference, str) or isinstance(side, str):
            unpaired.append(Unpaired("", place, next(why for why in (reference, side) if isinstance(why, str))))
            continue
        for variable in dict.fromkeys((*reference, *side)):
            found = matched(variable, place, reference.get(variable, {}), side.get(variable, {}), common)
            (pairs if isinstance(found, Pair) else unpaired).append(found)  # type: ignore[arg-type]
    return _computed(pairs), unpaired


def matched(
    variable: str, place: int, one: Mapping[tuple[str, ...], Item], other: Mapping[tuple[str, ...], Item], common: bool
) -> Pair | Unpaired:
    """The items that two sides share with equal labels, or why these are not all."""
    shared = [name for name in one if name in other]
    same = [name for name in shared if one[name].label == other[name].label]
    if not same or (not common and len(same) < max(len(one), len(other))):
        return Unpaired(variable, place, _why(len(one), len(other), len(shared), len(same)))
    groups = clusters(same, one, other)
    if max(groups) == 0:
        return Unpaired(variable, place, f"all {len(same)} test items are of one group, so none can be drawn anew")
    names = {item.label: 0 for item in one.values()} | {
        side[name].predicted: 0 for name in same for side in (one, other)
    }
    number = {name: place for place, name in enumerate(sorted(names))}
    return Pair(
        variable, place, [number[one[name].label] for name in same], [number[one[name].predicted] for name in same],
        [number[other[name].predicted] for name in same], groups, len(number),
    )  # fmt: skip


def _why(one: int, other: int, shared: int, same: int) -> str:
    if shared == one == other:
        return f"{shared - same} of {shared} test items have another label"
    relabelled = f", {shared - same} of them with another label" if same < shared else ""
    return f"different test items: {one} and {other}, {shared or 'none'} in common{relabelled}"


def _computed(pairs: Sequence[Pair]) -> list[Paired]:
    if not pairs:
        return []
    answers = ask({"replicates": REPLICATES, "swaps": SWAPS, "seed": SEED, "pairs": [vars(pair) for pair in pairs]})
    return [
        Paired(_metric(pair.variable, score), pair.side, **answer[score], items=len(pair.labels),
               groups=max(pair.groups) + 1)
        for score in SCORES for pair, answer in zip(pairs, answers, strict=True)
    ]  # fmt: skip


def _metric(variable: str, score: str) -> str:
    return f"{variable}.{score}" if variable else score


def ask(question: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Have numpy compute, in a process that ends with its answer.

    Raises:
        DataError: it did not answer.
    """
    answer: list[dict[str, Any]] = child.ask("engine.stats.paired", question, "paired intervals")
    return answer


def holm(found: Sequence[Paired]) -> list[Paired]:
    """The same with p values that hold for all of them together.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979): the k-th smallest of m is multiplied by m - k + 1, and is
    never below the one before it.
    """
    adjusted, so_far = [1.0] * len(found), 0.0
    for rank, place in enumerate(sorted(range(len(found)), key=lambda place: found[place].p)):
        so_far = max(so_far, min(1.0, found[place].p * (len(found) - rank)))
        adjusted[place] = so_far
    return [replace(one, adjusted_p=p) for one, p in zip(found, adjusted, strict=True)]
