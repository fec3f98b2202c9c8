"""Frames of a video by their number, exactly.

Frame i is the i-th frame in presentation order among those that decode. Neither a header's frame count (which may
promise frames that are not there) nor seeking by time (wrong at variable frame rates) is trusted: the file is read
from its beginning, and only as far as the last frame that is wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from engine.errors import DataError

Frame = npt.NDArray[np.uint8]


def uniform(count: int, wanted: int) -> list[int]:
    """Up to `wanted` frame numbers, evenly spread over `count` frames: the middle of each of equal segments.

    floor((i + 0.5) · count / wanted), in whole numbers so that no rounding rule of a float has a say; a video with
    fewer frames than wanted gives each of its frames once.
    """
    return sorted({(2 * i + 1) * count // (2 * wanted) for i in range(wanted)})


def count(path: Path) -> int:
    """How many frames decode; reads the whole file."""
    return sum(1 for _ in _decoded(path))


def pick(path: Path, indices: Iterable[int]) -> Iterator[tuple[int, float, Frame]]:
    """(index, time_s, frame) for each wanted index once, in ascending order; frames are (H, W, 3) uint8 RGB, upright.

    Raises:
        DataError: the file cannot be decoded, or has no frame of that number.
    """
    left = sorted(set(indices), reverse=True)
    if left and left[-1] < 0:
        raise DataError(f"{path}: there is no frame {left[-1]}", hint="frames are counted from 0")
    last = -1
    for last, frame in enumerate(_decoded(path) if left else ()):
        if last == left[-1]:
            yield left.pop(), float(frame.time or 0.0), _upright(frame)
            if not left:
                return
    if left:
        raise DataError(
            f"{path}: there is no frame {left[-1]}: it has {last + 1} frames, 0 to {last}",
            hint="frame_index counts decodable frames in presentation order, from 0",
        )


def _decoded(path: Path) -> Iterator[av.VideoFrame]:
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise DataError(f"{path}: has no video stream", hint="sound only? replace the file, or drop its rows")
            yield from container.decode(container.streams.video[0])
    except (OSError, av.FFmpegError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be decoded: {reason}", hint="fetch it again, or drop its rows") from None


def _upright(frame: av.VideoFrame) -> Frame:
    # Phones write a turned picture and say by how much, counterclockwise; coders and players see it upright.
    pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    return np.ascontiguousarray(np.rot90(pixels, frame.rotation // 90)) if frame.rotation else pixels
