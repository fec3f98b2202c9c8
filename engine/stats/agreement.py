"""How far coders agree: the reliability card, and the ceiling for a model that learns from them.

`python -m engine.stats.agreement` answers a list of questions (see study) with a list of cards, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from engine.errors import FootplateError
from engine.stats.coders.arrays import Ints
from engine.stats.coders.card import card
from engine.stats.coders.drift import by_pair, windows, with_oneself
from engine.stats.coders.study import study

__all__ = ["Agreement", "by_pair", "card", "kappa", "pairs", "study", "windows", "with_oneself"]


@dataclass(frozen=True)
class Agreement:
    """Of two coders: units that both labelled, the share on which they agree (0..1), Cohen's kappa or None."""

    coders: tuple[str, str]
    units: int
    share: float
    kappa: float | None


def pairs(labels: Mapping[str, Mapping[str, int]], classes: int) -> list[Agreement]:
    """The agreement of each pair of coders that have units in common.

    Args:
        labels: by coder, and by unit, the class number in 0..K-1.
        classes: K.
    """
    found = []
    for one, other in combinations(sorted(labels), 2):
        common = sorted(labels[one].keys() & labels[other].keys())
        if common:
            first, second = (np.array([labels[coder][unit] for unit in common]) for coder in (one, other))
            found.append(
                Agreement((one, other), len(common), float((first == second).mean()), kappa(first, second, classes))
            )
    return found


def kappa(one: Ints, other: Ints, classes: int) -> float | None:
    """Cohen's kappa of two coders' class numbers (N,): 1 for full agreement, 0 for chance.

    Where both use one and the same class throughout, chance alone agrees fully, kappa is 0/0, and None is returned.

    Source: Cohen, Educational and Psychological Measurement 20 (1960), 37-46.
    """
    table = np.bincount(one * classes + other, minlength=classes**2).reshape(classes, classes)
    total, agreed, chance = len(one) ** 2, len(one) * int(np.trace(table)), int(table.sum(0) @ table.sum(1))
    return None if chance == total else (agreed - chance) / (total - chance)


def main() -> int:
    """Read questions, write the answers; of one that cannot be answered why."""
    json.dump([_answered(question) for question in json.load(sys.stdin)], sys.stdout, allow_nan=False)
    return 0


def _answered(question: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return study(question)
    except FootplateError as error:
        return {"error": error.message, "hint": error.hint}


if __name__ == "__main__":
    sys.exit(main())
