"""Where text is in a frame: PP-OCR's DBNet at one size of input, through ONNX Runtime.

The network takes a face that fills the frame, or a cup on a table, for one letter, and is sure of it. What is letters
is letters at half the size too, and these are not: what is larger than captions are is looked at once more, smaller.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from engine.vision.decode import Frame
from engine.vision.detecting import sessions
from engine.vision.detecting.polygons import union_area
from engine.vision.detecting.regions import regions, sides
from engine.vision.detecting.shipped import Shipped, Weights

SHIPPED = Shipped(
    "rapidocr", "rapidocr/models/PP-OCRv6_det_small.onnx",
    "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f", "Apache-2.0 (PaddleOCR)",
)  # fmt: skip
LONG, SHORT = 640, 352  # multiples of 32
LONG_AGAIN, SHORT_AGAIN = 320, 192  # about half
LARGE = 48.0  # of a rectangle's shorter side, in pixels of the first look
CONFIRMED = 0.5  # of a large rectangle's area, to be text at half the size as well
SQUASH = 1.05  # a shape that differs by less is squeezed, else bars are added

# ImageNet's, which PaddleOCR trains with, in their order though blue comes first. With 0.5 for all, as rapidocr has it,
# this network takes parked cars for text.
MEAN = 255 * np.array([0.485, 0.456, 0.406], np.float32)[:, None, None]
SPREAD = 255 * np.array([0.229, 0.224, 0.225], np.float32)[:, None, None]

Quad = np.ndarray[Any, np.dtype[np.float64]]


class TextDetector:
    """Finds text; frames that are upright are looked at upright."""

    def __init__(self, weights: Weights) -> None:
        self._run = sessions.onnx(weights.path)

    def __call__(self, frame: Frame) -> list[Quad]:
        """Rectangles (4, 2) of x and y in pixels of the frame (H, W, 3), the largest first; they may lean over it."""
        seen, scale = self._look(frame, LONG, SHORT)
        quads, large = [quad / scale for quad in seen], [min(sides(quad)) > LARGE for quad in seen]
        if not any(large):
            return quads
        again, scale = self._look(frame, LONG_AGAIN, SHORT_AGAIN)
        smaller = [quad / scale for quad in again]
        return [quad for quad, is_large in zip(quads, large, strict=True) if not is_large or _on(quad, smaller, frame)]

    def _look(self, frame: Frame, long: int, short: int) -> tuple[list[Quad], Quad]:
        """Rectangles in pixels of the input, and by how much x and y were scaled for it."""
        given, scale = fitted(frame, long, short)
        blue_first = given[..., ::-1].transpose(2, 0, 1)[None]
        (chances,) = self._run((np.ascontiguousarray(blue_first, np.float32) - MEAN) / SPREAD)
        return regions(chances[0, 0]), scale


def _on(quad: Quad, others: list[Quad], frame: Frame) -> bool:
    """Whether enough of a rectangle lies on others."""
    height, width, _ = frame.shape
    own, theirs, both = (union_area(some, height, width) for some in ([quad], others, [quad, *others]))
    return own + theirs - both >= CONFIRMED * own


def fitted(frame: Frame, long: int = LONG, short: int = SHORT) -> tuple[Frame, Quad]:
    """A frame at the size that the network sees, and by how much its x and y were scaled."""
    height, width, _ = frame.shape
    tall, wide = (short, long) if width >= height else (long, short)
    across, down = wide / width, tall / height
    if max(across, down) > SQUASH * min(across, down):
        across = down = min(across, down)
    size = max(1, round(width * across)), max(1, round(height * down))
    smaller = np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BILINEAR))
    given = np.zeros((tall, wide, 3), np.uint8)
    given[: size[1], : size[0]] = smaller
    return given, np.array([size[0] / width, size[1] / height])
