"""The teacher's logits for the training images, each found by what its file holds and never by its place alone."""

from __future__ import annotations

import numpy as np

from engine.contents import Contents
from engine.record import Recorder
from engine.teaching.reading import Images
from engine.vision import softlabels
from engine.vision.predict import Singles


def logits(reference: str, images: Images, out: Recorder) -> Singles:
    """(N, K) of the training images, columns in the order of their classes.

    Raises:
        DataError: an image has no soft labels, or was another one then, or the teacher knows other classes.
    """
    out.phase("soft labels")
    rows = images.train.rows

    def said(done: int) -> None:
        out.progress(done, len(rows), "images")
        out.checkpoint()

    hashes = Contents(out.workspace.cache / "contents.sqlite").hashes(
        images.train.root, [row.image_path for row in rows], said
    )
    found = softlabels.open(out.resolve(reference)).aligned(rows, hashes, images.classes)
    right = float((found.argmax(1) == images.train.labels).mean())
    out.note(f"soft labels: {len(rows):,} images of {reference}; the teacher is right on {right:.1%} of them")
    return np.asarray(found)
