"""A video file opened for reading, at the least cost, with FFmpeg's faults in words that name the file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av

from engine.errors import DataError

# To guess what a header leaves open FFmpeg decodes the first frames at every opening, which takes as long as several
# frames that somebody wants. Who finds frames by the times of their packets needs none of that.
UNSEEN = {"skip_frame": "all"}


@contextmanager
def opened(path: Path, guess: bool = True) -> Iterator[tuple[Any, Any]]:
    """(container, stream) of the first video stream of a file.

    Args:
        path: of a video.
        guess: whether FFmpeg may decode first frames, as a decode from the beginning needs for their order.

    Raises:
        DataError: it cannot be opened or decoded, or has no video stream.
    """
    try:
        with av.open(str(path), options={} if guess else UNSEEN) as container:
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
