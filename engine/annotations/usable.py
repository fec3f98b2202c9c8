"""Which labels a model may learn from: settled ones, and by choice those of a single coder; and what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.annotations.decision import Unit
from engine.annotations.gold import ONE, Gold

SINGLE, NO_CLASS = "single", "no class"
RULE = (
    "A label counts where an adjudicator decided; else where all coders who gave one agree and nobody said can't tell. "
    "A frame that one coder alone has labelled counts as well, unless labels.single_coded is false. A frame on which "
    "coders differ is left out until somebody adjudicates it."
)


@dataclass(frozen=True)
class Usable:
    """The labels of one variable that count.

    Attributes:
        labels: the codebook's label of each frame; its class may be merged with another's.
        counts: how many frames are adjudicated, agreed, single, and how many are left out, by the reason.
    """

    labels: Mapping[Unit, str]
    counts: Mapping[str, int]


def usable(gold: Gold, variable: str, class_of: Callable[[str], str | None], *, single_coded: bool = True) -> Usable:
    """The labels of a variable that have a class, out of the gold set of a moment with its adjudications."""
    labels: dict[Unit, str] = {}
    counts: Counter[str] = Counter()
    for unit, verdict in gold.verdicts[variable].items():
        alone = verdict.why == ONE and single_coded
        label = verdict.given[0] if alone else verdict.label
        reason = "" if label else verdict.why
        if label and class_of(label) is None:
            reason = NO_CLASS
        counts[reason or (SINGLE if alone else verdict.origin)] += 1
        if not reason:
            labels[unit] = label
    return Usable(dict(sorted(labels.items())), dict(sorted(counts.items())))
