"""What is said of a model on its test frames: scores, their intervals, calibration, and what changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from engine.stats import calibration, metrics, paired
from engine.stats.calibration import Temperature
from engine.stats.metrics import Floats, Ints

FEW_GROUPS = 5
FEW = 20  # validation frames; six of them once gave 0.04, and scores that were certain of what was wrong
LEVELS = (2.5, 97.5)


def quality(
    labels: Ints, predictions: Ints, names: Sequence[str], classes: Sequence[str], replicates: int, seed: int
) -> dict[str, Any]:
    """Scores of class numbers (N,) and 95 % intervals of two of them.

    Args:
        names: (N,) the group of each frame; whole groups are drawn, since frames of a video are alike.
    """
    table = metrics.confusion(labels, predictions, len(classes))
    each = zip(classes, metrics.precision(table), metrics.recall(table), metrics.f1(table), table.sum(1), strict=True)
    return {
        "accuracy": float(metrics.accuracy(table)),
        "macro_f1": float(metrics.macro_f1(table)),
        "balanced_accuracy": float(metrics.balanced_accuracy(table)),
        "kappa": metrics.kappa(table),
        "by_class": {
            name: {"precision": float(p), "recall": float(r), "f1": float(f), "frames": int(n)}
            for name, p, r, f, n in each
        },
        "confusion": table.tolist(),
        "commonest_class": float(table.sum(1).max() / max(1, table.sum())),
        **intervals(labels, predictions, names, len(classes), replicates, seed),
    }  # fmt: skip


def intervals(
    labels: Ints, predictions: Ints, names: Sequence[str], classes: int, replicates: int, seed: int
) -> dict[str, Any]:
    """Percentile bootstrap of accuracy and macro-F1, and how it was drawn."""
    numbers, by, note = units(names)
    tables = paired.tables(labels, predictions, numbers, classes)
    found: dict[str, list[Floats]] = {name: [] for name in ("accuracy", "macro_f1")}
    for drawn in _resampled(tables, replicates, seed):
        for name, values in found.items():
            values.append(getattr(metrics, name)(drawn.reshape(-1, classes, classes)))
    spread = {name: _ends(np.concatenate(values)) for name, values in found.items()}
    return {"intervals": spread, "interval_by": by, "interval_note": note}


def gained(
    labels: Ints, before: Ints, now: Ints, names: Sequence[str], classes: int, replicates: int, seed: int
) -> dict[str, Any]:
    """What was gained since other predictions of the same frames, paired."""
    numbers, _, _ = units(names)
    found = paired.compared(
        labels.tolist(), before.tolist(), now.tolist(), numbers.tolist(), classes, replicates, replicates, seed
    )
    both = ("macro_f1", "accuracy")
    values = {name: found[name]["other"] - found[name]["one"] for name in both}
    spread = {name: [found[name]["low"], found[name]["high"]] for name in both}
    return {**values, "intervals": spread, "p": found["macro_f1"]["p"], "frames": len(labels)}


def gap(
    sides: Sequence[tuple[Ints, Ints, Sequence[str]]], classes: int, replicates: int, seed: int
) -> tuple[float, float]:
    """95 % interval of the macro-F1 of one side (labels, predictions, groups) less that of another."""
    spread = list[Floats]()
    for place, (labels, predictions, names) in enumerate(sides):
        tables = paired.tables(labels, predictions, units(names)[0], classes)
        drawn = _resampled(tables, replicates, seed + place)
        spread.append(np.concatenate([metrics.macro_f1(each.reshape(-1, classes, classes)) for each in drawn]))
    low, high = _ends(spread[0] - spread[1])
    return low, high


def units(names: Sequence[str]) -> tuple[Ints, str, str]:
    """(N,) what is drawn together, in numbers from 0 on; whether that is a group or a frame; and what to know of it."""
    different = sorted(set(names))
    if len(different) >= FEW_GROUPS:
        number = {name: n for n, name in enumerate(different)}
        return np.array([number[name] for name in names], np.int64), "group", ""
    few = f"only {len(different)} group{'s' * (len(different) != 1)} of videos"
    return np.arange(len(names)), "frame", f"{few}: drawn frame by frame, too narrow where frames of a video are alike"


def calibrated(logits: Floats, labels: Ints, fitted: Temperature | None) -> dict[str, Any]:
    """Calibration on test frames, before and after the temperature that was fitted on validation frames."""
    temperature = used(fitted)
    before, after = (calibration.softmax(logits, t) for t in (1.0, temperature))
    return {
        "temperature": temperature,
        "at_bound": fitted is None or fitted.at_bound,
        "note": _untold(fitted),
        "ece": calibration.ece(after, labels), "ece_before": calibration.ece(before, labels),
        "nll": calibration.nll(logits / temperature, labels), "nll_before": calibration.nll(logits, labels),
        "bins": [asdict(one) for one in calibration.reliability(after, labels)],
    }  # fmt: skip


def _untold(fitted: Temperature | None) -> str:
    if fitted is None:
        return f"fewer than {FEW} validation frames tell no temperature: 1 is taken"
    return "no temperature fits the validation frames: 1 is taken" if fitted.at_bound else ""


def used(fitted: Temperature | None) -> float:
    """The temperature to use: one at its bound would make every frame certain, or every frame a guess."""
    return 1.0 if fitted is None or fitted.at_bound else fitted.temperature


def _resampled(tables: Floats, replicates: int, seed: int) -> Any:
    """Sums (R, K * K) over groups drawn with replacement, in portions that fit into memory."""
    random, count = np.random.default_rng([seed, 6]), len(tables)
    while replicates > 0:
        rows = min(replicates, max(1, paired.CELLS // count))
        picked = random.integers(0, count, (rows, count)) + count * np.arange(rows)[:, None]
        yield np.bincount(picked.ravel(), minlength=rows * count).reshape(rows, count).astype(np.float64) @ tables
        replicates -= rows


def _ends(values: Floats) -> list[float]:
    low, high = np.percentile(values, LEVELS)
    return [float(low), float(high)]
