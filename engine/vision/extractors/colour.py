"""How many colours a frame has: the entropy of its histogram of colours. Needs numpy alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from engine.vision.consuming import Batch, Column, Row, View
from engine.vision.decode import Frame
from engine.vision.detecting.shipped import Shipped, Weights, stamp
from engine.vision.extractors.summary import mean, spread

STAMP = "colour 1"  # changes when this file's answers do
BINS = 8
SIZE = 640
LUMA = np.array([9798, 19235, 3735])  # ITU-R BT.601 in 1/32768, as OpenCV rounds it


def entropy(frame: Frame, bins: int = BINS) -> float:
    """Shannon's entropy, in bits, of a frame's colours in a histogram of bins × bins × bins equal boxes of RGB.

    Args:
        frame: (H, W, 3) uint8 RGB.
        bins: of each channel, a power of two from 2 to 64.

    Returns:
        0 where all pixels are in one box, 3 log2(bins) where all boxes have as many: at most 9 bits with 8 bins.
    """
    step = 256 // bins
    if bins * step != 256 or not 2 <= bins <= 64:
        raise ValueError(f"bins is a power of two from 2 to 64, not {bins}")
    boxes = (frame // step).astype(np.int32)
    return _bits(np.bincount((boxes[..., 0] * bins + boxes[..., 1]).ravel() * bins + boxes[..., 2].ravel()))


def grey_entropy(frame: Frame) -> float:
    """Shannon's entropy, in bits, of a frame's brightness (BT.601 luma) in 256 steps; at most 8."""
    grey = (frame @ LUMA + 16384) >> 15
    return _bits(np.bincount(grey.ravel(), minlength=256))


def _bits(counts: np.ndarray[Any, Any]) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(abs(-(shares * np.log2(shares)).sum()))  # abs: of one box it is -0.0


class Colour:
    """Tells the entropy of each frame's colours, and of a video their mean and spread."""

    needs: ClassVar[Mapping[str, Shipped]] = {}
    name = "colour"
    view = View("bounded", SIZE)
    batch = 16
    columns = (
        Column(
            "color_entropy", "float",
            f"entropy of the frame's histogram of colours, {BINS} × {BINS} × {BINS} equal boxes of RGB,"
            f" of the frame made no larger than {SIZE} pixels", "bits", "0 to 9", 4,
        ),
    )  # fmt: skip
    video_columns = (
        Column("color_entropy", "float", "mean of the frames' color_entropy", "bits", "0 to 9", 4),
        Column("color_entropy_sd", "float", "standard deviation of it over the frames", "bits", "0 to 4.5", 4),
    )

    def __init__(self, weights: Mapping[str, Weights], threads: int = 1) -> None:
        self.version = stamp(STAMP, {"bins": BINS, "size": SIZE}, weights)

    def frames(self, batch: Batch) -> list[Row]:
        """The entropy of each frame."""
        return [[round(entropy(frame), 4)] for frame in batch.pixels]

    def video(self, rows: Sequence[Row], times: Sequence[float], facts: Mapping[str, Any]) -> Row:
        """Mean and standard deviation."""
        found = [float(row[0] or 0) for row in rows]
        return [mean(found), spread(found)]
