"""A glance at a video: what its header promises, and its first frame that decodes."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from engine.errors import DataError
from engine.vision.decode import Frame


@dataclass(frozen=True)
class Facts:
    """What a header says of a video; 0 and empty where it says nothing.

    Attributes:
        width: pixels of a row, upright.
        height: rows, upright.
        seconds: how long it lasts.
        fps: frames a second, on average.
        codec: the name of its compression, as FFmpeg has it.
        sound: whether there is any.
    """

    width: int
    height: int
    seconds: float
    fps: float
    codec: str
    sound: bool

    def words(self) -> str:
        """In a line, for people."""
        minutes, seconds = divmod(self.seconds, 60)
        long = f"{minutes:.0f}:{seconds:04.1f} min" if minutes else f"{seconds:.1f} s"
        parts = [f"{self.width}×{self.height}", long * bool(self.seconds), f"{self.fps:.4g} fps" * bool(self.fps)]
        return " · ".join(filter(None, [*parts, self.codec, "" if self.sound else "no sound"]))


def glance(path: Path) -> tuple[Facts, Frame]:
    """What there is to know of a video, and its first frame: (H, W, 3) uint8 RGB, upright.

    Raises:
        DataError: the file cannot be decoded, or nothing in it can.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise DataError(f"{path.name}: has no video stream", hint="sound only?")
            stream = container.streams.video[0]
            frame = next(container.decode(stream), None)
            if frame is None:
                raise DataError(f"{path.name}: no frame of it decodes", hint="fetch it again")
            return _facts(container, stream, frame), _upright(frame)
    except (OSError, av.FFmpegError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path.name}: cannot be decoded: {reason}", hint="fetch it again") from None


def _facts(container: Any, stream: Any, frame: av.VideoFrame) -> Facts:
    turned = (frame.rotation // 90) % 2
    width, height = (frame.height, frame.width) if turned else (frame.width, frame.height)
    own = float(stream.duration * stream.time_base) if stream.duration else 0.0
    seconds = own or (container.duration or 0) / av.time_base
    return Facts(width, height, seconds, float(stream.average_rate or 0), stream.codec_context.name,
                 bool(container.streams.audio))  # fmt: skip


def _upright(frame: av.VideoFrame) -> Frame:
    pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    return np.ascontiguousarray(np.rot90(pixels, frame.rotation // 90)) if frame.rotation else pixels


def main() -> None:
    """What `footplate look` asks: the path of a video as JSON in, its facts or why there are none as JSON out."""
    try:
        facts, _frame = glance(Path(json.load(sys.stdin)))
        answer = {**asdict(facts), "words": facts.words()}
    except DataError as error:
        answer = {"error": error.message, "hint": error.hint}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
