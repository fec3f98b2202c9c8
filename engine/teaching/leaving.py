"""What a training leaves: weights with their cards, history, scores, calibration and predictions."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine import tables
from engine.files import replacing, write_atomic
from engine.record import Recorder
from engine.stats import pictures
from engine.teaching.judging import Judged
from engine.teaching.reading import Split
from engine.vision import trained

COLUMNS = ("variable", "path", "label", "prediction", "right", "score")


def write(out: Recorder, prefix: str, folder: Path, story: Mapping[str, Any], judged: Judged) -> None:
    """The artifacts of one training, whose files are in a folder; `prefix` is a stage and a slash, or nothing."""
    for name, about in {"best": "weights of the best epoch on validation", "last": "weights of the last epoch"}.items():
        weights = out.artifact(f"{prefix}{name}.pt", f"{about}, with their card")
        with replacing(weights) as beside:
            shutil.copyfile(folder / f"{name}.pt", beside)
        card = trained.card(judged.weights if name == "best" else trained.read(weights))
        out.write_json(f"{prefix}{name}.json", card, "what these weights take and give")
    out.write_json(f"{prefix}history.json", story, "loss and scores of each epoch")
    found = "accuracy, macro-F1, NLL and ECE, raw and after temperature scaling"
    out.write_json(f"{prefix}reliabilitymetrics.json", judged.metrics, found)
    out.write_json(f"{prefix}calibration.json", judged.calibration, "temperature and reliability bins")
    _pictures(out, prefix, judged)


def predictions(out: Recorder, split: Split, found: Mapping[str, Judged]) -> None:
    """What each set of weights says of each test image: a row an image and variable, which is the stage."""
    with tables.writer(out.artifact("predictions.csv", "one row an image and stage"), COLUMNS) as table:
        for name, judged in found.items():
            classes = judged.weights.classes
            said, sure = judged.scores.argmax(1), judged.scores.max(1)
            for row, label, now, score in zip(split.rows, judged.labels, said, sure, strict=True):
                table.write(name, row.image_path, row.label, classes[now], int(now == label), f"{score:.6f}")


def _pictures(out: Recorder, prefix: str, judged: Judged) -> None:
    found, told = judged.metrics, judged.calibration
    where = f"{prefix}{found['split']}"
    tables_ = {f"accuracy {found['accuracy']:.3f}": np.array(found["confusion"])}
    confusion = pictures.confusion(tables_, found["classes"], where)
    write_atomic(out.artifact(f"{prefix}confusion.png", "labels against predictions"), confusion)
    raw, scaled = f"raw, ECE {found['ece']:.3f}", f"T {found['temperature']:.2f}, ECE {found['ece_scaled']:.3f}"
    diagram = pictures.reliability({raw: told["bins_before"], scaled: told["bins"]}, where)
    write_atomic(out.artifact(f"{prefix}reliability.png", "confidence against accuracy"), diagram)
