"""From a frame to what a model takes: resize, augment, normalise; the same in training and inference. No torch."""

from __future__ import annotations

import hashlib
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance, ImageOps
from pydantic.dataclasses import dataclass

from engine.vision import contrast
from engine.vision.contrast import Clahe
from engine.vision.decode import Frame

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Preprocessing:
    """How a frame becomes an image.

    Attributes:
        size: S, the side of the square in pixels.
        resize: `squash` ignores the frame's shape, `crop` keeps its middle, `pad` adds bars of the mean colour.
        mean: of each channel, for pixels in 0..1.
        std: likewise.
        clahe: contrast made even, after resizing; None: left as it is.
    """

    size: int
    resize: Literal["squash", "crop", "pad"]
    mean: Triple
    std: Triple
    clahe: Clahe | None = None


@dataclass(frozen=True)
class Augmentation:
    """Random changes of a training image; all zero means none."""

    flip: bool = False
    rotate_degrees: float = 0.0
    colour_jitter: float = 0.0

    def __bool__(self) -> bool:
        return self.flip or self.rotate_degrees > 0 or self.colour_jitter > 0


def resized(frame: Frame, how: Preprocessing) -> Frame:
    """(S, S, 3) uint8 of a frame (H, W, 3); bilinear, with all pixels that a target pixel covers."""
    image, size = Image.fromarray(frame), (how.size, how.size)
    if how.resize == "crop":
        image = ImageOps.fit(image, size, Image.Resampling.BILINEAR)
    elif how.resize == "pad":
        bars = tuple(round(255 * mean) for mean in how.mean)
        image = ImageOps.pad(image, size, Image.Resampling.BILINEAR, color=bars)
    else:
        image = image.resize(size, Image.Resampling.BILINEAR)
    return contrast.equalised(np.asarray(image), how.clahe) if how.clahe else np.asarray(image)


def normalised(frames: Frame, mean: Triple, std: Triple) -> npt.NDArray[np.float32]:
    """Images (B, 3, S, S) float32 of frames (B, S, S, 3) uint8: (pixel / 255 - mean) / std for each channel."""
    scaled = (frames.astype(np.float32) / 255 - np.array(mean, np.float32)) / np.array(std, np.float32)
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))


def augmented(frame: Frame, how: Augmentation, seed: int, epoch: int, key: str) -> Frame:
    """(S, S, 3) uint8: the frame as this epoch shows it.

    The random numbers hang on (seed, epoch, key) and on nothing else, so that every fold sees the same picture and
    all folds can share one pass through frozen layers.
    """
    random = np.random.default_rng([seed, epoch, *hashlib.sha256(key.encode()).digest()[:8]])
    mirror, turn, *factors = random.uniform(-1, 1, 5)
    image = Image.fromarray(frame)
    if how.flip and mirror > 0:
        image = ImageOps.mirror(image)
    if how.rotate_degrees:
        image = image.rotate(turn * how.rotate_degrees, Image.Resampling.BILINEAR)
    if how.colour_jitter:
        image = _recoloured(image, [1 + how.colour_jitter * factor for factor in factors])
    return np.asarray(image)


def _recoloured(image: Image.Image, factors: list[float]) -> Image.Image:
    for enhance, factor in zip(
        (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color), factors, strict=True
    ):
        image = enhance(image).enhance(factor)
    return image
