"""What an ensemble leaves: its metrics, predictions and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import tables
from engine.files import sha256, write_atomic
from engine.fusing import weighing
from engine.fusing.cache import Singles
from engine.fusing.images import Images
from engine.fusing.teachers import Teacher
from engine.fusing.weighing import Chosen
from engine.record import Recorder
from engine.specs.ensemble import Ensemble
from engine.stats import calibration, combine, imagecard, metrics, pictures
from engine.stats.metrics import Floats

PREDICTIONS = ("path", "label", "prediction", "score")


@dataclass(frozen=True)
class Judged:
    """Teachers on test images: what each says (T, N, K), and how they were weighted."""

    teachers: Sequence[Teacher]
    images: Images
    logits: Singles
    chosen: Chosen


def write(spec: Ensemble, out: Recorder, judged: Judged) -> None:
    """All artifacts and metrics."""
    images = judged.images
    fused = combine.fused_logits(judged.logits, judged.chosen.weights, spec.space)
    card = imagecard.card(fused, images.labels, images.classes, spec.replicates, spec.seed)
    whole = {"format": 1, **_facts(spec, out, judged), **card, "against": _against(spec, judged, fused)}
    out.write_json("ensemble_metrics.json", whole, "the ensemble on test: scores, intervals, calibration, teachers")
    _predictions(out, images, fused)
    _pictures(out, whole)
    for name in ("accuracy", "macro_f1", "nll", "ece"):
        out.metric(name, whole[name])
    out.metric("images", whole["images"])
    _tell(out, whole)


def _facts(spec: Ensemble, out: Recorder, judged: Judged) -> dict[str, Any]:
    shares = weighing.plain(judged.chosen.weights)
    return {
        "teachers": [
            {**one.facts(), "weight": share} for one, share in zip(judged.teachers, shares, strict=True)
        ],
        "space": spec.space,
        "weights": shares,
        "weighting": judged.chosen.to_json(spec.weighting),
        "split": judged.images.split,
        "manifest_sha256": sha256(out.resolve(spec.manifest)),
        "images_sha256": judged.images.digest,
    }  # fmt: skip


def _against(spec: Ensemble, judged: Judged, fused: Floats) -> dict[str, Any]:
    """What each teacher does alone, and what the ensemble has gained over it, paired."""
    labels, now = judged.images.labels, fused.argmax(1)
    found = {}
    for teacher, logits in zip(judged.teachers, judged.logits.astype(np.float64), strict=True):
        table = metrics.confusion(labels, logits.argmax(1), len(judged.images.classes))
        found[teacher.name] = {
            "accuracy": float(metrics.accuracy(table)),
            "macro_f1": float(metrics.macro_f1(table)),
            "nll": calibration.nll(logits, labels),
            "ece": calibration.ece(calibration.softmax(logits), labels),
            "gain": imagecard.gained(
                labels, logits.argmax(1), now, len(judged.images.classes), spec.replicates, spec.seed
            ),
        }
    return found


def _predictions(out: Recorder, images: Images, fused: Floats) -> None:
    scores = calibration.softmax(fused)
    with tables.writer(out.artifact("predictions.csv", "one row a test image"), PREDICTIONS) as table:
        for row, each in zip(images.rows, scores, strict=True):
            best = int(each.argmax())
            table.write(row.image_path, row.label, images.classes[best], round(float(each[best]), 6))


def _pictures(out: Recorder, whole: dict[str, Any]) -> None:
    title = f"{len(whole['teachers'])} teachers, {whole['split']}"
    words = f"accuracy {whole['accuracy']:.3f}"
    matrix = pictures.confusion({words: np.array(whole["confusion"])}, whole["classes"], title)
    write_atomic(out.artifact("confusion.png", "labels against predictions on test"), matrix)
    diagram = pictures.reliability({f"ECE {whole['ece']:.3f}": whole["bins"]}, title)
    write_atomic(out.artifact("reliability.png", "confidence against accuracy on test"), diagram)


def _tell(out: Recorder, whole: dict[str, Any]) -> None:
    """What was found, and what of it should not be believed too quickly."""
    shares = " + ".join(f"{one['weight']:.3g} {one['name']}" for one in whole["teachers"])
    low, high = whole["intervals"]["macro_f1"]
    out.finding("ensemble", f"{shares} ({whole['space']}): macro-F1 {whole['macro_f1']:.4f} [{low:.4f}, {high:.4f}], "
                f"accuracy {whole['accuracy']:.4f} on {whole['images']:,} images of {whole['split']}")  # fmt: skip
    if whole["weighting"]["split"] == whole["split"]:
        out.flag("chosen_on_test", f"weights were chosen on {whole['split']}, on which they are reported: too good")
    sure = [name for name, one in whole["against"].items() if one["gain"]["macro_f1"]["low"] <= 0]
    if len(whole["teachers"]) > 1 and sure:
        out.flag("no_certain_gain", f"macro-F1: chance may explain what was gained over {', '.join(sure)} alone")
