"""All gold frames, resized once, in one file that every process maps into its memory. No torch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from engine.files import replacing
from engine.vision import data, source
from engine.vision.data import Preprocessing
from engine.vision.source import Key


def keep(path: Path, folder: Path, keys: Sequence[Key], how: Preprocessing, said: Callable[[int], None]) -> str:
    """Load the frames of all keys from a folder of videos or pictures, and write them in the order of the keys.

    The file is an .npy of (N, S, S, 3) uint8; returned is the SHA-256 of its pixels.

    Raises:
        DataError: a video, picture or frame is missing or broken.
    """
    frames = np.stack(source.load(folder, keys, partial(data.resized, how=how), said))
    with replacing(path) as beside, beside.open("wb") as file:
        np.save(file, frames)
    return hashlib.sha256(frames.data).hexdigest()
