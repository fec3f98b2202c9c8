"""Samples as what is told of them: the median and the spread, never the best."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

Told = dict[str, float]


def told(samples: Sequence[float]) -> Told:
    """The median, the 5th and the 95th percentile (of few samples: the least and the greatest), and how many."""
    ordered = sorted(samples)
    return {
        "median": statistics.median(ordered),
        "low": percentile(ordered, 5),
        "high": percentile(ordered, 95),
        "count": len(ordered),
    }


def percentile(samples: Sequence[float], percent: float) -> float:
    """The smallest sample that is not below so many percent of all."""
    ordered = sorted(samples)
    rank = -(-len(ordered) * percent // 100)  # rounded up
    return ordered[max(0, min(len(ordered) - 1, int(rank) - 1))]


def repeated(rounds: int, *measures: Callable[[], float]) -> list[list[float]]:
    """Samples of several measures, taken in turn, so that a slow moment of the machine meets all of them."""
    samples: list[list[float]] = [[] for _ in measures]
    for _ in range(rounds):
        for measure, into in zip(measures, samples, strict=True):
            into.append(measure())
    return samples
