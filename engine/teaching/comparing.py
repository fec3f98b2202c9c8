"""The stages of a student side by side: each against the one before, on the same images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.record import Recorder
from engine.stats import scorecard
from engine.teaching.judging import REPLICATES
from engine.teaching.reading import Images
from engine.teaching.staging import Done

KEPT = ("accuracy", "macro_f1", "nll", "ece", "nll_scaled", "ece_scaled", "temperature", "intervals")


def stages(out: Recorder, images: Images, done: Sequence[Done], seed: int) -> None:
    """Write stages.json: scores of each, and paired differences to each stage before it."""
    found = [_line(one, done[:place], images, seed) for place, one in enumerate(done)]
    about = {"split": images.judged.name, "images": len(images.judged.labels), "classes": list(images.classes)}
    out.write_json("stages.json", {**about, "stages": found}, "the stages side by side, with paired differences")
    for line in found:
        for former, gained in line["gained"].items():
            low, high = gained["intervals"]["accuracy"]
            out.finding(
                f"{line['stage']} against {former}", f"accuracy {gained['accuracy']:+.4f} ({low:+.4f} … {high:+.4f})"
            )


def _line(one: Done, before: Sequence[Done], images: Images, seed: int) -> dict[str, Any]:
    names = [row.image_path for row in images.judged.rows]
    labels, said = one.judged.labels, one.judged.scores.argmax(1)
    count = len(images.classes)
    gained = {
        former.name: scorecard.gained(labels, former.judged.scores.argmax(1), said, names, count, REPLICATES, seed)
        for former in before
    }
    epochs = {key: one.story[key] for key in ("first_epoch", "last_epoch", "best_epoch")}
    return {"stage": one.name, **epochs, **{key: one.judged.metrics[key] for key in KEPT}, "gained": gained}
