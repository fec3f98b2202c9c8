"""What is said of a classifier on labelled images: scores, likelihood and calibration, each with its interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from engine.stats import calibration, metrics, paired
from engine.stats.metrics import Floats, Ints

BINS = 15
LEVELS = (2.5, 97.5)
BOTH = ("accuracy", "macro_f1")


def card(logits: Floats, labels: Ints, classes: Sequence[str], replicates: int, seed: int) -> dict[str, Any]:
    """All of it, as plain values; each image is drawn by itself in the bootstrap of the 95 % intervals.

    Args:
        logits: (N, K), labels: (N,) class numbers.
    """
    scores = calibration.softmax(logits)
    table = metrics.confusion(labels, scores.argmax(1), len(classes))
    each = zip(classes, metrics.precision(table), metrics.recall(table), metrics.f1(table), table.sum(1), strict=True)
    return {
        "images": len(labels),
        "accuracy": float(metrics.accuracy(table)),
        "macro_f1": float(metrics.macro_f1(table)),
        "balanced_accuracy": float(metrics.balanced_accuracy(table)),
        "nll": calibration.nll(logits, labels),
        "ece": calibration.ece(scores, labels, BINS),
        "intervals": intervals(logits, labels, len(classes), replicates, seed),
        "by_class": {
            name: {"precision": float(p), "recall": float(r), "f1": float(f), "images": int(n)}
            for name, p, r, f, n in each
        },
        "classes": list(classes),
        "confusion": table.tolist(),
        "bins": [asdict(one) for one in calibration.reliability(scores, labels, BINS)],
    }


def intervals(logits: Floats, labels: Ints, classes: int, replicates: int, seed: int) -> dict[str, list[float]]:
    """95 % percentile intervals of accuracy, macro_f1, nll and ece over images drawn with replacement.

    Each of them is made of sums over images, so that a replicate is one row of a product of matrices.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 13.
    """
    parts = _parts(logits, labels, classes)
    drawn = np.concatenate([counts @ parts for counts in _counts(len(labels), replicates, seed)])
    tables = drawn[:, : classes**2].reshape(-1, classes, classes)
    found = {name: getattr(metrics, name)(tables) for name in BOTH}
    found["nll"] = drawn[:, classes**2] / len(labels)
    gaps = drawn[:, classes**2 + 1 :].reshape(-1, 2, BINS)
    found["ece"] = np.abs(gaps[:, 0] - gaps[:, 1]).sum(1) / len(labels)
    return {name: [float(end) for end in np.percentile(values, LEVELS)] for name, values in found.items()}


def _parts(logits: Floats, labels: Ints, classes: int) -> csr_array:
    """(N, K * K + 1 + 2 * bins): of each image its cell of the confusion, its loss, its bin's hit and confidence."""
    scores = calibration.softmax(logits)
    confidence, predictions = scores.max(1), scores.argmax(1)
    place = calibration.places(confidence, BINS) + classes**2 + 1
    rows = np.arange(len(labels))
    loss = -np.log(np.maximum(scores[rows, labels], np.finfo(np.float64).tiny))
    columns = np.stack([labels * classes + predictions, np.full(len(labels), classes**2), place, place + BINS])
    values = np.stack([np.ones(len(labels)), loss, predictions == labels, confidence])
    shape = (len(labels), classes**2 + 1 + 2 * BINS)
    return csr_array((values.ravel(), (np.tile(rows, 4), columns.ravel())), shape=shape)


def _counts(images: int, replicates: int, seed: int) -> Iterator[Floats]:
    """How often each image is drawn, (r, N) at a time, in portions that fit into memory."""
    random = np.random.default_rng([seed, 7])
    while replicates > 0:
        rows = min(replicates, max(1, paired.CELLS // images))
        picked = random.integers(0, images, (rows, images)) + images * np.arange(rows)[:, None]
        yield np.bincount(picked.ravel(), minlength=rows * images).reshape(rows, images).astype(np.float64)
        replicates -= rows


def gained(
    labels: Ints, before: Ints, now: Ints, classes: int, replicates: int, seed: int
) -> dict[str, dict[str, float]]:
    """What predictions (N,) have gained over others of the same images: value, interval and p of each score."""
    alone = list(range(len(labels)))
    found = paired.compared(
        labels.tolist(), before.tolist(), now.tolist(), alone, classes, replicates, replicates, seed
    )
    return {
        name: {"value": one["other"] - one["one"], "low": one["low"], "high": one["high"], "p": one["p"]}
        for name, one in found.items()
        if name in BOTH
    }
