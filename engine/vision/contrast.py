"""CLAHE: contrast made even, tile by tile, which faces in bad light need. No torch; needs OpenCV when it is used."""

from __future__ import annotations

import numpy as np
from pydantic import Field, PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass

from engine.vision.decode import Frame


@dataclass(frozen=True)
class Clahe:
    """How far contrast is made even.

    Attributes:
        clip: how often the mean count a bin of a tile's histogram may have; the rest is spread over all bins.
        tiles: along each side.
    """

    clip: PositiveFloat = 2.0
    tiles: PositiveInt = Field(default=8, le=64)


def equalised(frame: Frame, how: Clahe) -> Frame:
    """(H, W, 3) uint8 RGB: the lightness of CIE Lab made even, colours kept.

    Source: Zuiderveld, Contrast limited adaptive histogram equalization, Graphics Gems IV (1994).
    """
    import cv2  # few want it

    cv2.setNumThreads(1)  # a loader has processes of its own
    lab = cv2.cvtColor(frame, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(how.clip, (how.tiles, how.tiles)).apply(lab[..., 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)
