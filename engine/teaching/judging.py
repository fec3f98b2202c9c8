"""How good trained weights are: scores with intervals on test images, and how far they can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.files import sha256
from engine.record import Recorder
from engine.stats import calibration, scorecard
from engine.stats.calibration import Temperature
from engine.stats.metrics import Floats, Ints
from engine.teaching.asking import Compute
from engine.teaching.reading import Images, Split
from engine.vision import logits, trained
from engine.vision.trained import Trained

REPLICATES = 2000


@dataclass(frozen=True)
class Judged:
    """What one set of weights says of the test images.

    Attributes:
        scores: (N, K) softmax, before any temperature.
        metrics: what reliabilitymetrics.json holds.
        calibration: what calibration.json holds.
    """

    weights: Trained
    labels: Ints
    scores: Floats
    metrics: dict[str, Any]
    calibration: dict[str, Any]


def judge(path: Path, images: Images, how: Compute, batch: int, seed: int) -> Judged:
    """Judge the weights of a file; their temperature is fitted on validation images and told of test images."""
    found = trained.read(path)
    network = trained.network(found, how.where)

    def said(split: Split) -> Floats:
        paths = [Path(name) for name in split.pictures(found.preprocessing).paths]
        given = logits.all_of(
            network, found.preprocessing, paths, batch=batch, workers=how.workers, precision=how.precision
        )
        return given.astype(np.float64)

    validation, labels = said(images.validation), images.judged.labels
    test = validation if images.judged is images.validation else said(images.judged)
    fitted = calibration.fit_temperature(validation, images.validation.labels)
    reliable, scores = scorecard.calibrated(test, labels, fitted), calibration.softmax(test)
    names = [row.image_path for row in images.judged.rows]
    quality = scorecard.quality(labels, test.argmax(1), names, found.classes, REPLICATES, seed)
    about = {"split": images.judged.name, "images": len(labels), "classes": list(found.classes)}
    weights = {"weights_sha256": sha256(path), "epoch": found.epoch, "model": found.model}
    both = _both(test, labels, reliable)
    return Judged(
        found,
        labels,
        scores,
        {**about, **weights, **both, **quality, "interval_by": "image"},
        _calibration(reliable, fitted, about, scores, labels),
    )


def tell(out: Recorder, prefix: str, judged: Judged) -> None:
    """The results as metrics of the run, and a flag where the temperature means nothing."""
    found = judged.metrics
    for name in ("accuracy", "macro_f1", "nll", "ece", "nll_scaled", "ece_scaled", "temperature"):
        out.metric(f"{prefix}{name}", found[name])
    low, high = found["intervals"]["accuracy"]
    scaled = f"ECE {found['ece']:.4f} → {found['ece_scaled']:.4f} at T {found['temperature']:.3f}"
    scores = f"accuracy {found['accuracy']:.4f} ({low:.4f} … {high:.4f}), macro-F1 {found['macro_f1']:.4f}; {scaled}"
    out.finding(prefix.removesuffix(".") or "teacher", f"{scores}; {found['images']:,} images of {found['split']}")
    if judged.calibration["at_bound"]:
        fitted = judged.calibration["fitted_temperature"]
        out.flag(f"{prefix}temperature_at_bound", f"the best temperature is at a bound, {fitted:g}: 1 is used instead")


def _both(test: Floats, labels: Ints, reliable: dict[str, Any]) -> dict[str, float]:
    """Raw and after temperature scaling."""
    raw = {"nll": reliable["nll_before"], "ece": reliable["ece_before"]}
    return {**raw, "nll_scaled": reliable["nll"], "ece_scaled": reliable["ece"], "temperature": reliable["temperature"]}


def _calibration(
    reliable: dict[str, Any], fitted: Temperature, about: dict[str, Any], scores: Floats, labels: Ints
) -> dict[str, Any]:
    raw = [vars(one) for one in calibration.reliability(scores, labels)]
    validation = {"fitted_temperature": fitted.temperature, "validation_nll": fitted.nll}
    return {**about, **validation, "validation_nll_before": fitted.nll_before, **reliable, "bins_before": raw}
