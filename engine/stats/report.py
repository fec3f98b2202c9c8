"""A comparison before and after as plain values: what `<version>_comparison.json` holds of a variable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from engine.stats import compare, metrics, null, verdict
from engine.stats.metrics import Floats, Ints

FEW = 5  # frames of a class


def comparison(
    labels: Ints,
    classes: Sequence[str],
    before: Floats,
    after: Floats,
    folds: Sequence[Sequence[int]],
    replicates: int,
    seed: int,
) -> dict[str, Any]:
    """Before, after and no skill at all, on the same left-out frames.

    Args:
        labels: (N,) class numbers.
        before: (N, K) scores.
        after: (N, K) scores.
        folds: the frames that were left out together.
    """
    guesses = null.shares(labels, folds, len(classes))
    was, now = before.argmax(1), after.argmax(1)
    change = compare.change(labels, was, now, folds)
    spread = compare.intervals(labels, was, now, folds, len(classes), replicates, seed)
    one, other = quality(labels, before, classes), quality(labels, after, classes)
    accuracies = one["accuracy"], other["accuracy"]
    return {
        "frames": len(labels),
        "folds": len(folds),
        "classes": list(classes),
        "frames_by_class": dict(zip(classes, np.bincount(labels, minlength=len(classes)).tolist(), strict=True)),
        "before": one,
        "after": other,
        "commonest_class": float(np.bincount(labels).max() / len(labels)),
        "knows_nothing": {
            "about": "the share of each class among the training frames",
            **quality(labels, guesses, classes),
        },
        "difference": {name: _difference(one[name], other[name], spread[name]) for name in spread},
        "folds_fixed": change.fixed,
        "folds_broken": change.broken,
        "mcnemar_exact_p": change.exact_p,
        "mcnemar_mid_p": change.mid_p,
        "by_fold_p": change.fold_p,
        "verdict": verdict.sentence(len(labels), len(folds), *accuracies, change, spread["accuracy"]),
        "certain": verdict.certain(change),
    }


def headline(found: dict[str, Any]) -> dict[str, float]:
    """The numbers of a comparison that screens show and criteria are held against."""
    both = ("accuracy", "macro_f1", "balanced_accuracy")
    numbers = {f"{name}_before": found["before"][name] for name in both}
    numbers |= {name: found["after"][name] for name in both}
    numbers |= {f"{name}_gain": found["difference"][name]["value"] for name in found["difference"]}
    numbers |= {name: found[name] for name in ("folds_fixed", "folds_broken", "mcnemar_exact_p", "mcnemar_mid_p")}
    return numbers | {"by_fold_p": found["by_fold_p"], "knows_nothing_accuracy": found["knows_nothing"]["accuracy"]}


def doubts(found: dict[str, Any]) -> dict[str, str]:
    """Why a comparison should not be believed, by a short name."""
    told = {}
    accuracy, commonest = found["after"]["accuracy"], found["commonest_class"]
    few = [f"{size} of {name!r}" for name, size in found["frames_by_class"].items() if size < FEW]
    if few:
        told["few_of_a_class"] = f"only {', '.join(few)}: little can be said about it"
    if not found["certain"]:
        told["too_few_frames"] = f"{found['frames']} frames cannot tell this change from chance"
    if accuracy <= commonest:
        share = f"{accuracy:.3f} against {commonest:.3f}"
        told["no_better_than_nothing"] = f"no better than always saying the commonest class ({share})"
    return told


def quality(labels: Ints, scores: Floats, classes: Sequence[str]) -> dict[str, Any]:
    """How well scores (N, K) fit labels (N,); the highest score is the prediction, the first class of equals."""
    table = metrics.confusion(labels, scores.argmax(1), len(classes))
    each = (metrics.precision(table), metrics.recall(table), metrics.f1(table))
    return {
        "accuracy": float(metrics.accuracy(table)),
        "macro_f1": float(metrics.macro_f1(table)),
        "balanced_accuracy": float(metrics.balanced_accuracy(table)),
        "pooled_auc": _pooled_auc(labels, scores),
        "by_class": {
            name: {"precision": float(p), "recall": float(r), "f1": float(f)}
            for name, p, r, f in zip(classes, *each, strict=True)
        },
        "confusion": table.tolist(),
    }


def _pooled_auc(labels: Ints, scores: Floats) -> float | None:
    present = np.unique(labels)
    if len(present) != 2:
        return None
    return metrics.roc_auc((labels == present[1]).astype(np.int64), scores[:, present[1]] - scores[:, present[0]])


def _difference(before: float, after: float, spread: compare.Interval) -> dict[str, float]:
    return {"value": after - before, **asdict(spread)}
