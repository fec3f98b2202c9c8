"""Frames of a video by their number, exactly, at the least cost.

Frame i is the i-th frame in presentation order among those that decode. Neither a header's frame count (which may
promise frames that are not there) nor seeking by a time that was computed (wrong at variable frame rates) is trusted.
Where the packets tell when every frame is shown, only what the wanted frames need is decoded, and the frames are those
of a decode of the whole file; where they do not, or a frame does not come, the file is read from its beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import VideoReformatter

from engine.errors import DataError
from engine.vision import leaps, timeline
from engine.vision.opening import opened

Frame = npt.NDArray[np.uint8]
TOLD = {"mov", "mp4"}  # containers whose header tells how long each stream is; of others FFmpeg guesses


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
    with video(path) as found:
        if not found.count:
            raise DataError(f"{path}: no frame of it decodes", hint="fetch it again, or drop its rows")
        yield from found.pick(uniform(found.count, wanted))


def count(path: Path) -> int:
    """How many frames decode; reads the whole file, and decodes it only where its packets do not tell."""
    with video(path) as found:
        return found.count


def pick(path: Path, indices: Iterable[int]) -> Iterator[tuple[int, float, Frame]]:
    """(index, time_s, frame) for each wanted index once, in ascending order; frames are (H, W, 3) uint8 RGB, upright.

    Raises:
        DataError: the file cannot be decoded, or has no frame of that number.
    """
    wanted = sorted(set(indices))
    if wanted and wanted[0] < 0:
        raise DataError(f"{path}: there is no frame {wanted[0]}", hint="frames are counted from 0")
    done = 0
    with suppress(DataError), video(path) as found:
        for one in found.leap(wanted):
            done += 1
            yield one
    yield from _upright(_counting(path, wanted[done:]))


@contextmanager
def video(path: Path) -> Iterator[Video]:
    """A video, opened once for all that is asked of it.

    Raises:
        DataError: the file cannot be read to its end, or has no video stream.
    """
    with opened(path, guess=False) as (container, stream):
        yield Video(path, container, stream)


class Video:
    """A video that is open.

    Attributes:
        promised: how many frames its header says there are, 0 where it does not.
    """

    def __init__(self, path: Path, container: Any, stream: Any) -> None:
        self._path, self._container, self._stream = path, container, stream
        self._line = timeline.read(container, stream)
        self.promised: int = stream.frames

    @cached_property
    def count(self) -> int:
        """How many frames decode."""
        return sum(1 for _ in _decoded(self._path)) if self._line is None else len(self._line.times)

    @cached_property
    def duration_s(self) -> float:
        """From the first frame to the end of the last as its header says, 0 where it does not."""
        if TOLD & set(self._container.format.name.split(",")):
            return _seconds(self._stream)
        with opened(self._path) as (_, stream):
            return _seconds(stream)

    def pick(self, wanted: Sequence[int]) -> Iterator[tuple[int, float, Frame]]:
        """(index, time_s, frame) of each wanted index, which ascend.

        Raises:
            DataError: it cannot be decoded, or has no frame of that number.
        """
        done = 0
        for one in self.leap(wanted):
            done += 1
            yield one
        yield from _upright(_counting(self._path, wanted[done:]))

    def leap(self, wanted: Sequence[int]) -> Iterator[tuple[int, float, Frame]]:
        """The same, as far as one comes by leaps."""
        if self._line is None or not wanted or wanted[-1] >= len(self._line.times):
            return
        with suppress(leaps.Lost, OSError, av.FFmpegError):
            yield from _upright(leaps.picked(self._container, self._stream, self._line, wanted))


def _seconds(stream: Any) -> float:
    return float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0


def _counting(path: Path, wanted: Sequence[int]) -> Iterator[tuple[int, av.VideoFrame]]:
    """Every frame from the first to the last that is wanted."""
    left, last = list(wanted[::-1]), -1
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
    with opened(path) as (container, stream):
        yield from container.decode(stream)


def _upright(found: Iterable[tuple[int, av.VideoFrame]]) -> Iterator[tuple[int, float, Frame]]:
    """Frames as pixels. Phones write a turned picture and say by how much, counterclockwise; all see it upright."""
    convert = VideoReformatter()  # one for all: to make ready for a size takes longer than a frame of it
    for index, frame in found:
        pixels = np.asarray(convert.reformat(frame, format="rgb24", threads=1).to_ndarray(), np.uint8)
        turned = np.ascontiguousarray(np.rot90(pixels, frame.rotation // 90)) if frame.rotation else pixels
        yield index, float(frame.time or 0.0), turned
