"""Soft labels to files: arrays, an index by content, and what they were made of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from engine.errors import DataError
from engine.files import replacing, sha256, write_atomic
from engine.fusing import weighing
from engine.fusing.cache import Singles
from engine.fusing.images import Images
from engine.fusing.teachers import Teacher
from engine.record import Recorder
from engine.specs.softlabels import SoftLabels
from engine.stats import combine
from engine.stats.metrics import Floats
from engine.vision.softlabels import ARRAYS, FORMAT, FUSED, INDEX, META, Halves, teacher_key

ROWS = 1 << 15  # that are fused at a time
MOST = float(np.finfo(np.float16).max)


def write(
    spec: SoftLabels, out: Recorder, teachers: Sequence[Teacher], images: Images, logits: Singles, weights: Floats
) -> None:
    """The three files, meta.json last: it says which two it belongs to."""
    arrays = {teacher_key(number): _half(teachers[number].name, each) for number, each in enumerate(logits)}
    fused = np.concatenate([
        combine.fused_logits(logits[:, start : start + ROWS], weights, spec.space).astype(np.float32)
        for start in range(0, len(images), ROWS)
    ])  # fmt: skip
    file = out.artifact(ARRAYS, "fp16 logits of each image, fused and of each teacher")
    with replacing(file) as beside, beside.open("wb") as whole:
        np.savez(whole, **{FUSED: _half("fused", fused)}, **arrays)  # type: ignore[arg-type]
    index = out.artifact(INDEX, "one line a row: image, label, hash of its file")
    write_atomic(index, "".join(_lines(images)))
    hashes = {"npz_sha256": sha256(file), "index_sha256": sha256(index)}
    out.write_json(META, {**_facts(spec, out, teachers, images, weights), **hashes}, "of what the soft labels are made")
    _tell(out, images, fused)


def _half(name: str, logits: Singles) -> Halves:
    if float(np.abs(logits).max()) > MOST:
        raise DataError(f"{name}: a logit beyond ±{MOST:g} has no place in fp16", hint="these weights are broken")
    return logits.astype(np.float16)


def _lines(images: Images) -> Iterator[str]:
    for number, (row, content) in enumerate(zip(images.rows, images.hashes, strict=True)):
        told = {"row": number, "image_path": row.image_path, "label": row.label, "sha256": content}
        yield json.dumps(told, ensure_ascii=False) + "\n"


def _facts(
    spec: SoftLabels, out: Recorder, teachers: Sequence[Teacher], images: Images, weights: Floats
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "rows": len(images),
        "classes": list(images.classes),
        "split": images.split,
        "space": spec.space,
        "weights": weighing.plain(weights),
        "teachers": [one.facts() for one in teachers],
        "clahe": {one.name: one.preprocess["clahe"] for one in teachers},
        "ensemble": spec.ensemble or None,
        "manifest_sha256": sha256(out.resolve(spec.manifest)),
        "images_sha256": images.digest,
    }


def _tell(out: Recorder, images: Images, fused: Singles) -> None:
    """How often the teachers together are right where they were most likely trained: too often is too good."""
    accuracy = float((fused.argmax(1) == images.labels).mean())
    out.metric("rows", len(images))
    out.metric("accuracy", accuracy)
    out.finding("soft labels", f"{len(images):,} of {images.split}; the label is the likeliest class of {accuracy:.1%}")
