"""Boxes (left, top, right, bottom) that overlap."""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]


def overlap(box: Floats, others: Floats) -> Floats:
    """Intersection over union of a box (4,) with each of others (N, 4)."""
    across = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
    down = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
    both = np.maximum(across, 0) * np.maximum(down, 0)
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    whole = (box[2] - box[0]) * (box[3] - box[1]) + areas - both
    found: Floats = np.divide(both, whole, out=np.zeros_like(both), where=whole > 0)
    return found


def distinct(boxes: Floats, scores: Floats, most: float) -> list[int]:
    """The numbers of boxes to keep, the highest score first: none overlaps a kept one by more than `most`."""
    left = np.lexsort((np.arange(len(scores)), -scores))
    kept = []
    while len(left):
        kept.append(int(left[0]))
        left = left[1:][overlap(boxes[left[0]], boxes[left[1:]]) <= most]
    return kept
