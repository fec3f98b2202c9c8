"""Paired differences between two sets of predictions; `python -m engine.stats.paired` answers JSON with JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from engine.stats.compare import flips
from engine.stats.metrics import Floats, Ints, accuracy, balanced_accuracy, macro_f1

SCORES: dict[str, Callable[[Floats], Floats]] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
}
CELLS = 1 << 22  # numbers in memory at once: 32 MiB
MOST_EXACT = 2000  # groups; of more, or of far larger ones, exact chances take longer than anybody waits


def compared(
    labels: Sequence[int], one: Sequence[int], other: Sequence[int], groups: Sequence[int], classes: int,
    replicates: int, swaps: int, seed: int,
) -> dict[str, dict[str, float]]:  # fmt: skip
    """Other minus one, for each score.

    Args:
        labels: (N,) class numbers; one and other are predictions of the same items.
        groups: (N,) numbers from 0 of the groups within which items are alike.
        replicates: of the bootstrap, in which whole groups are drawn.
        swaps: of the test, in which one and other change places in a random half of the groups.
    """
    truth, numbers = np.array(labels), np.array(groups)
    first, second = (tables(truth, np.array(side), numbers, classes) for side in (one, other))
    spread = intervals(first, second, replicates, seed)
    found = {}
    for name, score in SCORES.items():
        values = [float(score(side.sum(0).reshape(classes, classes))) for side in (first, second)]
        low, high = np.percentile(spread[name], [2.5, 97.5])
        found[name] = {"one": values[0], "other": values[1], "low": float(low), "high": float(high)}
    for name, p in chances(first, second, swaps, seed).items():
        found[name]["p"] = p
    return found


def tables(labels: Ints, predictions: Ints, groups: Ints, classes: int) -> Floats:
    """(G, K * K): the confusion matrix of each group."""
    cells = (groups * classes + labels) * classes + predictions
    count = int(groups.max()) + 1
    return np.bincount(cells, minlength=count * classes**2).reshape(count, classes**2).astype(np.float64)


def intervals(one: Floats, other: Floats, replicates: int, seed: int) -> dict[str, Floats]:
    """(R,) differences of each score, of groups drawn with replacement; both sides with the same groups.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 8 and 13, with groups as the units.
    """
    rng = np.random.default_rng(seed)
    groups = len(one)
    parts: dict[str, list[Floats]] = {name: [] for name in SCORES}
    for rows in _portions(replicates, groups):
        picked = rng.integers(0, groups, (rows, groups)) + groups * np.arange(rows)[:, None]
        drawn = np.bincount(picked.ravel(), minlength=rows * groups).reshape(rows, groups).astype(np.float64)
        for name, values in _differences(drawn @ one, drawn @ other).items():
            parts[name].append(values)
    return {name: np.concatenate(values) for name, values in parts.items()}


def chances(one: Floats, other: Floats, swaps: int, seed: int) -> dict[str, float]:
    """Two-sided p of each difference, were it chance which of the two predicted a group.

    Accuracy is a sum over groups, whose chances are exact; the others are (1 + as far or farther) / (1 + swaps).

    Source: Fisher, The Design of Experiments (1935), section 21; for the ones that are added, Phipson and Smyth,
    Statistical Applications in Genetics and Molecular Biology 9 (2010).
    """
    rng = np.random.default_rng(seed + 1)
    seen = {name: float(value[0]) for name, value in _differences(one.sum(0)[None], other.sum(0)[None]).items()}
    farther = dict.fromkeys(SCORES, 0)
    for rows in _portions(swaps, len(one)):
        swapped = rng.integers(0, 2, (rows, len(one))).astype(np.float64)
        moved = swapped @ (other - one)
        for name, values in _differences(one.sum(0) + moved, other.sum(0) - moved).items():
            farther[name] += int((np.abs(values) >= abs(seen[name]) - 1e-12).sum())
    found = {name: (1 + count) / (1 + swaps) for name, count in farther.items()}
    gains = (_right(other) - _right(one)).astype(np.int64)
    if len(gains) <= MOST_EXACT and np.abs(gains).sum() <= 10 * MOST_EXACT:
        found["accuracy"] = flips(gains.tolist())
    return found


def _right(side: Floats) -> Floats:
    """(G,): how many items of each group were predicted as they are labelled."""
    classes = int(np.sqrt(side.shape[1]))
    diagonal: Floats = side[:, :: classes + 1].sum(1)
    return diagonal


def _differences(one: Floats, other: Floats) -> dict[str, Floats]:
    """Of (R, K * K) tables: (R,) other minus one for each score."""
    classes = int(np.sqrt(one.shape[1]))
    both = [side.reshape(-1, classes, classes) for side in (one, other)]
    return {name: score(both[1]) - score(both[0]) for name, score in SCORES.items()}


def _portions(count: int, width: int) -> Iterator[int]:
    """Numbers of rows that together are the count, none of them too large for the memory."""
    most = max(1, CELLS // width)
    while count > 0:
        yield min(most, count)
        count -= most


def main() -> int:
    """Read a question, write the answer."""
    question: dict[str, Any] = json.load(sys.stdin)
    how = {name: question[name] for name in ("replicates", "swaps", "seed")}
    names = ("labels", "one", "other", "groups", "classes")
    json.dump([compared(**{name: pair[name] for name in names}, **how) for pair in question["pairs"]], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
