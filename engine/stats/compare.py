"""Whether one set of predictions is better than another on the same frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, binomtest

from engine.stats.metrics import Floats, Ints, accuracy, confusion, macro_f1


@dataclass(frozen=True)
class Change:
    """What changed from before to after.

    Attributes:
        fixed: left-out frames that were wrong before and are right after.
        broken: left-out frames that were right before and are wrong after.
        exact_p: McNemar's exact two-sided p.
        mid_p: the same without the exact test's caution, which with few changed frames is great.
        fold_p: two-sided p by folds, which alone is right where frames that are left out together are alike; where
            each frame is a fold it is the exact p.
    """

    fixed: int
    broken: int
    exact_p: float
    mid_p: float
    fold_p: float


@dataclass(frozen=True)
class Interval:
    """The middle 95 % of a difference over bootstrap replicates."""

    low: float
    high: float


def change(labels: Ints, before: Ints, after: Ints, folds: Sequence[Sequence[int]]) -> Change:
    """Compare class numbers (N,) of before and after with the labels (N,)."""
    gain = (after == labels).astype(np.int64) - (before == labels)
    fixed, broken = int((gain == 1).sum()), int((gain == -1).sum())
    return Change(fixed, broken, *mcnemar(fixed, broken), flips([int(gain[list(fold)].sum()) for fold in folds]))


def flips(gains: Sequence[int]) -> float:
    """Two-sided p of the sum of gains, were each as likely to be a loss of the same size; exact.

    Source: Fisher, The Design of Experiments (1935), section 21. The chances of all sums are built up gain by gain.
    """
    chances = np.ones(1)
    for size in map(abs, gains):
        apart = np.zeros(2 * size)
        chances = (np.concatenate([chances, apart]) + np.concatenate([apart, chances])) / 2
    sums = np.arange(len(chances)) - len(chances) // 2
    return min(1.0, float(chances[abs(sums) >= abs(sum(gains))].sum()))


def mcnemar(fixed: int, broken: int) -> tuple[float, float]:
    """Exact and mid-p, both two-sided, of McNemar's test; 1 and 1 where nothing changed.

    Source: Fagerland, Lydersen and Laake, BMC Medical Research Methodology 13:91 (2013): the mid-p counts only half
    of the probability of what was observed.
    """
    changed = fixed + broken
    if changed == 0:
        return 1.0, 1.0
    fewer = min(fixed, broken)
    exact = float(binomtest(fewer, changed, 0.5).pvalue)
    below = float(binom.cdf(fewer - 1, changed, 0.5))
    return exact, min(1.0, 2 * below + float(binom.pmf(fewer, changed, 0.5)))


def intervals(
    labels: Ints,
    before: Ints,
    after: Ints,
    groups: Sequence[Sequence[int]],
    classes: int,
    replicates: int,
    seed: int,
) -> dict[str, Interval]:
    """Paired bootstrap of after minus before, for `accuracy` and `macro_f1`.

    Whole groups are drawn with replacement, since frames that are left out together are not independent. A confusion
    matrix is a sum over frames, so each replicate is a sum of its groups' matrices: no loop over replicates.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 13 (percentile interval).
    """
    draws = _draws(len(groups), replicates, seed)
    tables = [_pooled(draws, labels, predictions, groups, classes) for predictions in (before, after)]
    scores = {"accuracy": accuracy, "macro_f1": macro_f1}
    return {name: _middle(score(tables[1]) - score(tables[0])) for name, score in scores.items()}


def _draws(groups: int, replicates: int, seed: int) -> Floats:
    """(R, G): how often each group was drawn in each replicate."""
    picked = np.random.default_rng(seed).integers(0, groups, (replicates, groups))
    cells = picked + groups * np.arange(replicates)[:, None]
    return np.bincount(cells.ravel(), minlength=replicates * groups).reshape(replicates, groups).astype(np.float64)


def _pooled(draws: Floats, labels: Ints, predictions: Ints, groups: Sequence[Sequence[int]], classes: int) -> Floats:
    """(R, K, K): the confusion matrix of each replicate."""
    each = np.stack([confusion(labels[list(g)], predictions[list(g)], classes).ravel() for g in groups])
    return (draws @ each.astype(np.float64)).reshape(-1, classes, classes)


def _middle(differences: Floats) -> Interval:
    low, high = np.percentile(differences, [2.5, 97.5])
    return Interval(float(low), float(high))
