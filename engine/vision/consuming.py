"""What looks at frames of many videos: how it wants them, what it answers for a frame and for a video. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from PIL import Image

from engine.vision import data
from engine.vision.contrast import Clahe
from engine.vision.data import Preprocessing
from engine.vision.decode import Frame

Cell = str | int | float | bool | None
Row = Sequence[Cell]


@dataclass(frozen=True)
class View:
    """How a frame is handed over, which is done by the process that decodes it.

    Attributes:
        how: `squash`, `crop` and `pad` make a square, as in training; `bounded` keeps the shape, never enlarges.
        size: the side of the square, or the longest side.
        bars: the colour of what `pad` adds.
        clahe: of a square: contrast made even.
    """

    how: Literal["squash", "crop", "pad", "bounded"]
    size: int
    bars: tuple[float, float, float] = (0.0, 0.0, 0.0)
    clahe: Clahe | None = None

    def __call__(self, frame: Frame) -> Frame:
        """(H, W, 3) uint8 RGB as this view shows it."""
        if self.how == "bounded":
            return _bounded(frame, self.size)
        return data.resized(frame, Preprocessing(self.size, self.how, self.bars, (1.0, 1.0, 1.0), self.clahe))


def view_of(how: Preprocessing) -> View:
    """What a network with this preprocessing wants to see."""
    return View(how.resize, how.size, how.mean if how.resize == "pad" else (0.0, 0.0, 0.0), how.clahe)


def _bounded(frame: Frame, size: int) -> Frame:
    height, width, _ = frame.shape
    if max(height, width) <= size:
        return frame
    scale = size / max(height, width)
    smaller = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(frame).resize(smaller, Image.Resampling.BILINEAR))


@dataclass(frozen=True)
class Column:
    """A column of a table, and what the data dictionary says of it.

    Attributes:
        name: in the tables.
        type: of its cells; an empty cell is allowed in all but text.
        about: its definition, in one sentence.
        unit: of its numbers.
        range: which values there are, in words.
        decimals: how many are written of a float.
    """

    name: str
    type: Literal["text", "int", "float", "bool"]
    about: str
    unit: str = ""
    range: str = ""
    decimals: int = 4


@dataclass(frozen=True)
class Batch:
    """Frames of one shape, of any videos.

    Attributes:
        pixels: (N, H, W, 3) uint8 RGB; not to be kept, the memory is used again.
        videos: the id of each frame's video.
        indices: the number of each frame in its video.
        times: when it is shown, in seconds.
    """

    pixels: Frame
    videos: Sequence[str]
    indices: Sequence[int]
    times: Sequence[float]


class Consumer(Protocol):
    """Answers a row a frame and a row a video; what it answers must not hang on a frame's neighbours in its batch.

    Attributes:
        name: short, a word.
        version: the hash of all that its answers hang on: weights, preprocessing, a stamp of its code.
        view: how it wants frames.
        batch: how many it wants at once.
        columns: of a frame's row.
        video_columns: of a video's row.
    """

    name: str
    version: str
    view: View
    batch: int
    columns: tuple[Column, ...]
    video_columns: tuple[Column, ...]

    def frames(self, batch: Batch) -> list[Row]:
        """A row a frame, in order; cells are plain Python values, floats rounded as their columns say."""
        ...

    def video(self, rows: Sequence[Row], times: Sequence[float], facts: Mapping[str, Any]) -> Row:
        """The video's row from those of all its frames, in order of presentation.

        `facts` has `frames_in_video` (how many decode), `promised_frames` (what the header says, 0 where nothing) and
        `duration_s` (from the first frame to the end of the last, 0 where nobody knows).
        """
        ...
