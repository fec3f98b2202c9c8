"""The predictor that knows nothing but how often each class occurs: what leave-one-out gives to no skill at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.stats.metrics import Floats, Ints


def shares(labels: Ints, folds: Sequence[Sequence[int]], classes: int) -> Floats:
    """(N, K): for each frame the share of every class among the frames of its fold's training part.

    Leaving a frame out makes its own class rarer in what is left. Pooled over folds, this predictor therefore ranks
    every frame of a class below every frame of the other and has an AUC of 0.0, not 0.5.
    Source: Austin, Pe'er and Korem, Science Advances (2025), adx6976.
    """
    scores = np.zeros((len(labels), classes))
    for fold in map(list, folds):
        left = np.delete(labels, fold)
        scores[fold] = np.bincount(left, minlength=classes) / len(left)
    return scores
