"""When the frames of a video are shown and where decoding can begin, read from its packets without decoding any."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# In these containers each packet carries the time of the one frame in it; in a transport stream or AVI it need not.
CONTAINERS = {"mov", "mp4", "matroska", "webm"}
CODECS = {"h264", "hevc", "mpeg4", "mjpeg", "vp9", "av1"}


@dataclass(frozen=True)
class Timeline:
    """Times are in ticks of the stream.

    Attributes:
        times: of each frame that decodes, in presentation order: frame i is shown at times[i].
        keys: of frames from which decoding can begin, in ascending order.
    """

    times: Sequence[int]
    keys: Sequence[int]

    def key(self, time: int) -> int:
        """Where decoding has to begin for the frame of a time."""
        return self.keys[bisect.bisect_right(self.keys, time) - 1]

    def runs(self, wanted: Sequence[int]) -> list[list[int]]:
        """Wanted frame numbers, ascending, in groups that are decoded without a leap; between two of them one pays."""
        runs: list[list[int]] = []
        for index in wanted:
            if runs and self.key(self.times[index]) <= self.times[runs[-1][-1]]:
                runs[-1].append(index)
            else:
                runs.append([index])
        return runs


def read(container: Any, stream: Any) -> Timeline | None:
    """The timeline of a stream, read to its end; None where packets do not tell it for certain.

    A packet that the container's edit list cuts off is decoded for others and never shown.

    Raises:
        av.FFmpegError: the file cannot be read to its end.
    """
    if not CONTAINERS & set(container.format.name.split(",")) or stream.codec_context.name not in CODECS:
        return None
    packets = [packet for packet in container.demux(stream) if packet.size]
    shown = [packet for packet in packets if not packet.is_discard]
    times = sorted(packet.pts for packet in shown if packet.pts is not None)
    keys = sorted(packet.pts for packet in packets if packet.is_keyframe and packet.pts is not None)
    whole = len(times) == len(shown) == len(set(times)) and not any(packet.is_corrupt for packet in packets)
    begins = bool(times and keys) and packets[0].is_keyframe and keys[0] <= times[0]
    return Timeline(times, keys) if whole and begins else None


def rewind(container: Any, stream: Any, time: int) -> None:
    """Stand before the packet of a key frame; FFmpeg flushes its decoder."""
    container.seek(time, stream=stream, backward=True, any_frame=False)
    stream.codec_context.flush_buffers()
