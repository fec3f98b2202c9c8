"""All gold frames, resized once, in one file that every process maps into its memory. No torch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from engine.files import replacing
from engine.vision import data, source
from engine.vision.data import Preprocessing
from engine.vision.source import Key


@dataclass(frozen=True)
class Kept:
    """An .npy file of frames (N, S, S, 3) uint8, and the SHA-256 of their pixels."""

    path: Path
    sha256: str


def keep(path: Path, folder: Path, keys: Sequence[Key], how: Preprocessing, said: Callable[[int], None]) -> Kept:
    """Load the frames of all keys from a folder of videos or pictures, and write them in the order of the keys.

    Raises:
        DataError: a video, picture or frame is missing or broken.
    """
    frames = np.stack(source.load(folder, keys, partial(data.resized, how=how), said))
    with replacing(path) as beside, beside.open("wb") as file:
        np.save(file, frames)
    return Kept(path, hashlib.sha256(frames.data).hexdigest())
