"""A few frames of a video at the least cost: from key frame to key frame, and no frame in between that nobody needs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import av
from av.video.frame import PictureType

from engine.vision.timeline import Timeline, rewind

ALL, NEEDED = "DEFAULT", "NONREF"


class Lost(Exception):
    """A frame did not come where the packets said it would: the file has to be read from its beginning."""


def picked(
    container: Any, stream: Any, timeline: Timeline, wanted: Sequence[int]
) -> Iterator[tuple[int, av.VideoFrame]]:
    """(index, frame) of each wanted frame, ascending.

    Raises:
        Lost: a wanted frame did not come.
        av.FFmpegError: something in between cannot be decoded.
    """
    for run in timeline.runs(wanted):
        left = deque(run)
        for frame in run_from(container, stream, timeline, run):
            time = timeline.times[left[0]]
            if frame.pts is None or frame.pts > time:
                raise Lost
            if frame.pts == time:
                yield left.popleft(), frame
            if not left:
                break
        if left:
            raise Lost


def run_from(container: Any, stream: Any, timeline: Timeline, run: Sequence[int]) -> Iterator[av.VideoFrame]:
    """Frames from the key frame that the first of a run needs, all of the run among them.

    Raises:
        Lost: decoding cannot begin there. Some streams call a frame a key frame in which only part of the picture
            is drawn anew.
    """
    key = timeline.key(timeline.times[run[0]])
    rewind(container, stream, key)
    begun = False
    for frame in _decoded(container, stream, {timeline.times[index] for index in run}):
        if not begun and (frame.pts is None or frame.pts >= key):
            begun = True
            if key >= timeline.times[0] and not (frame.pts == key and frame.pict_type == PictureType.I):
                raise Lost
        if begun:
            yield frame


def _decoded(container: Any, stream: Any, times: set[int]) -> Iterator[av.VideoFrame]:
    """Frames from here on, until the packets of all wanted times went in and what is in the decoder came out."""
    context, waiting = stream.codec_context, set(times)
    for packet in container.demux(stream):
        # A frame to which no other refers is skipped, unless it is wanted.
        context.skip_frame = ALL if packet.pts in times else NEEDED
        yield from context.decode(packet)
        waiting.discard(packet.pts)
        if not waiting:
            break
    context.skip_frame = ALL
    for frame in context.decode(None):
        frame.time_base = stream.time_base  # which is known from a packet otherwise
        yield frame
