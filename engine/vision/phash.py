"""A hash that nearly equal pictures share: 64 bits of which few differ. No torch."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy.fft import dctn

from engine.vision.decode import Frame

SIDE, LOW = 32, 8
STEP = 1e-3  # coefficients are rounded to this, so that a flat picture's are 0 and not the noise of a sum


def phash(frame: Frame) -> int:
    """64 bits of a frame (H, W, 3): which of the 63 slowest waves in its brightness are above their median, and
    whether it is brighter than middle grey.

    Source: Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions (2010), section 3.2.
    """
    grey = Image.fromarray(frame).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    waves = dctn(np.asarray(grey, np.float64) / 255, norm="ortho")[:LOW, :LOW].ravel()
    slow = np.round(waves[1:] / STEP)
    bits = [waves[0] / SIDE > 0.5, *(slow > np.median(slow))]
    return int(np.packbits(bits).view(">u8")[0])
