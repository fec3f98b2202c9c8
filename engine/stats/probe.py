"""A linear probe: what the features of given weights already tell, without any fine-tuning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from engine.stats.metrics import Floats, Ints


def leave_out(features: Floats, labels: Ints, folds: Sequence[Sequence[int]], classes: int, balanced: bool) -> Floats:
    """Scores (N, K) of a logistic regression that never saw the frame it judges.

    Args:
        features: (N, D), one row a frame; scaled by the mean and deviation of the training part of each fold.
        labels: (N,) class numbers.
        folds: the frames that are left out together; each frame is in just one.
        classes: K; a class that does not occur in a training part has a score of 0.
        balanced: whether rare classes count more, as in fine-tuning with class weights.
    """
    scores = np.zeros((len(labels), classes))
    for fold in map(list, folds):
        scores[fold] = _scores(np.delete(features, fold, 0), np.delete(labels, fold), features[fold], classes, balanced)
    return scores


def _scores(seen: Floats, labels: Ints, left_out: Floats, classes: int, balanced: bool) -> Floats:
    scores = np.zeros((len(left_out), classes))
    present = np.unique(labels)
    if len(present) == 1:
        scores[:, present[0]] = 1
        return scores
    model = make_pipeline(
        StandardScaler(), LogisticRegression(max_iter=1000, class_weight="balanced" if balanced else None)
    )
    scores[:, present] = model.fit(seen, labels).predict_proba(left_out)
    return scores
