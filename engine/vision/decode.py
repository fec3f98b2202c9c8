"""Frames of a video by their number, exactly, at the least cost.

Frame i is the i-th frame in presentation order among those that decode. Neither a header's frame count (which may
promise frames that are not there) nor seeking by a time that was computed (wrong at variable frame rates) is trusted.
Where the packets tell when every frame is shown, only what the wanted frames need is decoded, and the frames are those
of a decode of the whole file; where they do not, or a frame does not come, the file is read from its beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import VideoReformatter

from engine.errors import DataError
from engine.vision import leaps, timeline

Frame = npt.NDArray[np.uint8]


def uniform(count: int, wanted: int) -> list[int]:
    """Up to `wanted` frame numbers, evenly spread over `count` frames: the middle of each of equal segments.

    floor((i + 0.5) · count / wanted), in whole numbers so that no rounding rule of a float has a say; a video with
    fewer frames than wanted gives each of its frames once.
    """
    return sorted({(2 * i + 1) * count // (2 * wanted) for i in range(wanted)})


def frames(path: Path, wanted: int) -> Iterator[tuple[int, float, Frame]]:
    """(index, time_s, frame) of up to `wanted` frames of a video, as `uniform` spreads them.

    Args:
        path: of a video.
        wanted: how many frames, at least 1.

    Yields:
        The frame's number, when it is shown in seconds, and (H, W, 3) uint8 RGB, upright.

    Raises:
        DataError: the file cannot be decoded, or nothing in it can.
    """
    total = count(path)
    if not total:
        raise DataError(f"{path}: no frame of it decodes", hint="fetch it again, or drop its rows")
    yield from pick(path, uniform(total, wanted))


def count(path: Path) -> int:
    """How many frames decode; reads the whole file, and decodes it only where its packets do not tell."""
    with _opened(path) as (container, stream):
        line = timeline.read(container, stream)
    return sum(1 for _ in _decoded(path)) if line is None else len(line.times)


def pick(path: Path, indices: Iterable[int]) -> Iterator[tuple[int, float, Frame]]:
    """(index, time_s, frame) for each wanted index once, in ascending order; frames are (H, W, 3) uint8 RGB, upright.

    Raises:
        DataError: the file cannot be decoded, or has no frame of that number.
    """
    wanted = sorted(set(indices))
    if wanted and wanted[0] < 0:
        raise DataError(f"{path}: there is no frame {wanted[0]}", hint="frames are counted from 0")
    convert = VideoReformatter()  # one for all: to make ready for a size takes longer than a frame of it
    for index, frame in _leaping(path, wanted):
        yield index, float(frame.time or 0.0), _upright(frame, convert)


def _leaping(path: Path, wanted: list[int]) -> Iterator[tuple[int, av.VideoFrame]]:
    """By leaps as far as that goes, and from the beginning for what is left."""
    done = 0
    with suppress(leaps.Lost, DataError), _opened(path) as (container, stream):
        line = timeline.read(container, stream)
        if line is not None and wanted and wanted[-1] < len(line.times):
            for found in leaps.picked(container, stream, line, wanted):
                done += 1
                yield found
    yield from _counting(path, wanted[done:])


def _counting(path: Path, wanted: list[int]) -> Iterator[tuple[int, av.VideoFrame]]:
    """Every frame from the first to the last that is wanted."""
    left, last = wanted[::-1], -1
    for last, frame in enumerate(_decoded(path) if left else ()):
        if last == left[-1]:
            yield left.pop(), frame
            if not left:
                return
    if left:
        raise DataError(
            f"{path}: there is no frame {left[-1]}: it has {last + 1} frames, 0 to {last}",
            hint="frame_index counts decodable frames in presentation order, from 0",
        )


def _decoded(path: Path) -> Iterator[av.VideoFrame]:
    with _opened(path) as (container, stream):
        yield from container.decode(stream)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise DataError(f"{path}: has no video stream", hint="sound only? replace the file, or drop its rows")
            stream = container.streams.video[0]
            # More threads cost more than they save: a frame's slices are few, and files are decoded side by side.
            stream.thread_type, stream.thread_count = "NONE", 1
            if stream.codec_context.name == "h264":  # as with threads, where nothing is painted over what is missing
                stream.codec_context.options = {"enable_er": "0"}
            yield container, stream
    except (OSError, av.FFmpegError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be decoded: {reason}", hint="fetch it again, or drop its rows") from None


def _upright(frame: av.VideoFrame, convert: VideoReformatter) -> Frame:
    # Phones write a turned picture and say by how much, counterclockwise; coders and players see it upright.
    pixels = np.asarray(convert.reformat(frame, format="rgb24", threads=1).to_ndarray(), np.uint8)
    return np.ascontiguousarray(np.rot90(pixels, frame.rotation // 90)) if frame.rotation else pixels
