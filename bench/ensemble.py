"""Weightings of three teachers: 1,000 of them from logits that are kept, beside computing the logits anew for each.

48,928 images, seven classes, as the merged test set has. The peer reads the same kept logits and judges one weighting
after the other with scikit-learn, as a script does. What computing anew costs is measured on some images, by the
networks that the job would ask (random weights cost the same), and told for all of them: nobody waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import timm
import torch
from scipy.special import softmax
from sklearn.metrics import accuracy_score, f1_score, log_loss

from bench.numbers import repeated, told
from engine.stats import combine, metrics

IMAGES, CLASSES = 48_928, 7
NETWORKS = ("resnet18", "efficientnet_b3", "convnext_tiny")
WEIGHTINGS = 1_000
STEP = 0.02  # of 1,326 weightings the first 1,000
SIDE, SAMPLE = 224, 8


def main(quick: bool) -> dict[str, Any]:
    """Milliseconds a weighting of ours and of the peer; seconds of all weightings if logits were computed anew."""
    logits, labels = teachers(4_000 if quick else IMAGES)
    weightings = combine.simplex(len(NETWORKS), STEP)[: 100 if quick else WEIGHTINGS]
    few = weightings[:: max(1, len(weightings) // 10)]
    found: dict[str, Any] = {"weightings": len(weightings), "images": len(labels)}
    for space in ("logit", "prob"):
        _must_agree(logits, labels, few, space)
        ours, theirs = repeated(
            2 if quick else 5,
            _timed(lambda space=space: combine.sweep(logits, labels, weightings, space), len(weightings)),
            _timed(lambda space=space: [peer(logits, labels, one, space) for one in few], len(few)),
        )
        found[space] = {"ours_ms": told(ours), "sklearn_ms": told(theirs)}
        found[space]["sklearn_times_ours"] = told(theirs)["median"] / told(ours)["median"]
    forward = told(repeated(1 if quick else 5, forward_ms)[0])
    found["forward_ms_an_image"] = forward
    anew_ms = forward["median"] * len(labels)
    found["anew_times_kept"] = anew_ms / found["logit"]["ours_ms"]["median"]
    return found


def teachers(images: int) -> tuple[Any, Any]:
    """Logits (3, N, K) of teachers of different skill, and labels (N,)."""
    random = np.random.default_rng(0)
    labels = random.integers(0, CLASSES, images)
    logits = random.normal(size=(len(NETWORKS), images, CLASSES))
    logits[:, np.arange(images), labels] += np.array([1.4, 1.6, 1.2])[:, None]
    return logits, labels


def peer(logits: Any, labels: Any, weights: Any, space: str) -> tuple[float, float, float]:
    """Accuracy, macro-F1 and loss of one weighting, by scikit-learn."""
    if space == "logit":
        scores = softmax(np.tensordot(weights, logits, 1), axis=1)
    else:
        scores = np.tensordot(weights, softmax(logits, axis=2), 1)
    predicted = scores.argmax(1)
    return (
        float(accuracy_score(labels, predicted)),
        float(f1_score(labels, predicted, average="macro")),
        float(log_loss(labels, scores, labels=range(CLASSES))),
    )


def _must_agree(logits: Any, labels: Any, weightings: Any, space: Any) -> None:
    swept = combine.sweep(logits, labels, weightings, space)
    ours = np.stack([metrics.accuracy(swept.tables), metrics.macro_f1(swept.tables), swept.nll], axis=1)
    np.testing.assert_allclose(ours, [peer(logits, labels, one, space) for one in weightings], atol=1e-9)


def _timed(do: Callable[[], object], count: int) -> Callable[[], float]:
    def measure() -> float:
        began = time.perf_counter()
        do()
        return (time.perf_counter() - began) * 1000 / count

    return measure


@torch.no_grad()
def forward_ms() -> float:
    """Milliseconds an image through all networks, on this processor, pixels that are ready."""
    images, spent = torch.rand(SAMPLE, 3, SIDE, SIDE), 0.0
    for name in NETWORKS:
        network = timm.create_model(name, num_classes=CLASSES).eval()
        network(images[:1])
        began = time.perf_counter()
        network(images)
        spent += time.perf_counter() - began
    return spent * 1000 / SAMPLE
