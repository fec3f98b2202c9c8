"""What teachers say of images: each asked once, in its own preprocessing, and then remembered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.fusing import cache
from engine.fusing.cache import Kept, Singles
from engine.fusing.images import Images
from engine.fusing.teachers import Teacher
from engine.record import Recorder
from engine.specs.ensemble import Teachers
from engine.vision import device, logits, trained

COMPUTED_BY = 1  # raised when the same weights and pictures would give other logits


def all_logits(spec: Teachers, out: Recorder, teachers: Sequence[Teacher], images: Images) -> Singles:
    """(T, N, K) what each teacher says of each image, classes in the order of the images'."""
    return np.stack([_of_one(spec, out, teacher, images) for teacher in teachers])


def _of_one(spec: Teachers, out: Recorder, teacher: Teacher, images: Images) -> Singles:
    where = device.settle(out.device, spec.compute.threads)
    precision = device.mixed(spec.compute.precision, where)
    kept = cache.place(
        out.workspace.cache, _facts(spec, teacher, images, precision), len(images), teacher.classes, spec.batch
    )
    words = f"{teacher.name} on {images.split}"
    if list(kept.missing()):
        _compute(spec, out, teacher, images, kept, precision, words)
    else:
        out.note(f"{words}: {len(images):,} logits are known already")
    order = [teacher.classes.index(name) for name in images.classes]
    if order != sorted(order):
        out.note(f"{teacher.name}: has its classes in another order; brought into that of the first teacher", "warning")
    return kept.read()[:, order]


def _compute(
    spec: Teachers, out: Recorder, teacher: Teacher, images: Images, kept: Kept, precision: str, words: str
) -> None:
    network, paths = trained.network(teacher.trained, device.settle(out.device, spec.compute.threads)), images.paths

    def compute(some: slice) -> Singles:
        return logits.all_of(
            network, teacher.trained.preprocessing, paths[some], batch=spec.batch, workers=spec.loaders,
            precision=precision,
        )  # fmt: skip

    def said(done: int) -> None:
        out.progress(done, len(images), "images", words)
        out.checkpoint()

    cache.fill(kept, compute, said)


def _facts(spec: Teachers, teacher: Teacher, images: Images, precision: str) -> dict[str, Any]:
    return {
        "weights_sha256": teacher.sha256, "images_sha256": images.digest, "preprocess": teacher.preprocess,
        "model": teacher.trained.model, "classes": list(teacher.classes), "images": len(images),
        "precision": precision, "batch": spec.batch, "computed_by": COMPUTED_BY,
    }  # fmt: skip
