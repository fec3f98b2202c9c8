"""How well predictions fit labels; all from confusion matrices, so that thousands of them cost as little as one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def confusion(labels: Ints, predictions: Ints, classes: int) -> Ints:
    """Counts (K, K): a row for each label, a column for each prediction; both are class numbers (N,) in 0..K-1."""
    return np.bincount(labels * classes + predictions, minlength=classes**2).reshape(classes, classes)


def accuracy(table: npt.NDArray[Any]) -> Floats:
    """Share of frames on the diagonal, of (..., K, K) counts; 0 where there are no frames."""
    return _ratio(np.trace(table, axis1=-2, axis2=-1), table.sum((-2, -1)))


def precision(table: npt.NDArray[Any]) -> Floats:
    """(..., K): of the frames predicted as a class, the share that is of it; 0 where none was predicted so."""
    return _ratio(_hits(table), table.sum(-2))


def recall(table: npt.NDArray[Any]) -> Floats:
    """(..., K): of the frames of a class, the share that was found; 0 where there are none."""
    return _ratio(_hits(table), table.sum(-1))


def f1(table: npt.NDArray[Any]) -> Floats:
    """(..., K): harmonic mean of precision and recall, 2 tp / (2 tp + fp + fn); 0 where all three are 0."""
    return _ratio(2 * _hits(table), table.sum(-1) + table.sum(-2))


def macro_f1(table: npt.NDArray[Any]) -> Floats:
    """Mean F1 over the classes that occur among the labels; a codebook's class that nobody saw has no say."""
    return _mean_over_present(f1(table), table)


def balanced_accuracy(table: npt.NDArray[Any]) -> Floats:
    """Mean recall over the classes that occur among the labels."""
    return _mean_over_present(recall(table), table)


def kappa(table: npt.NDArray[Any]) -> float | None:
    """Cohen's kappa of (K, K) counts: 1 for full agreement, 0 for chance; None where chance alone agrees fully.

    Source: Cohen, Educational and Psychological Measurement 20 (1960), 37-46.
    """
    total, agreed, chance = (
        int(table.sum()) ** 2,
        int(table.sum()) * int(np.trace(table)),
        int(table.sum(0) @ table.sum(1)),
    )
    return None if chance == total else (agreed - chance) / (total - chance)


def roc_auc(labels: Ints, scores: Floats) -> float:
    """Chance that a frame of class 1 has a higher score than one of class 0, ties counting half.

    Args:
        labels: (N,) of 0 and 1, both present.
        scores: (N,), higher for class 1.

    Source: Hanley and McNeil (1982): the Mann-Whitney statistic over the product of the two sizes.
    """
    ones = int((labels == 1).sum())
    zeros = len(labels) - ones
    ranks = rankdata(scores)[labels == 1].sum()
    return float((ranks - ones * (ones + 1) / 2) / (ones * zeros))


def _hits(table: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.diagonal(table, axis1=-2, axis2=-1)


def _mean_over_present(values: Floats, table: npt.NDArray[Any]) -> Floats:
    present = table.sum(-1) > 0
    return _ratio((values * present).sum(-1), present.sum(-1))


def _ratio(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.zeros(np.shape(part)), where=np.asarray(whole) > 0)
    return ratio
