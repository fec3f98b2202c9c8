"""How fast videos go through, how full the queues are, and which of the stages holds the others up."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

ADVICE = {
    "download": "more downloads at a time, or a machine nearer to the bucket, would help",
    "decode": "more processors would help, each with a decoder; a faster GPU would not",
    "forward": "a faster device, a lower precision or a larger batch would help; more decoders would not",
}


@dataclass(frozen=True)
class Load:
    """What the stages have done so far; seconds are summed over the threads or processes of a stage."""

    videos: int
    frames: int
    download_s: float
    decode_s: float
    forward_s: float


@dataclass(frozen=True)
class Pace:
    """Rates and shares over a stretch of time.

    Attributes:
        shares: how much of the time each stage was busy, 0 to 1.
        fetched: videos that wait for a decoder.
        decoded: pieces of videos that wait for the forward pass.
    """

    videos_per_s: float
    frames_per_s: float
    shares: dict[str, float]
    fetched: int
    decoded: int

    @property
    def bottleneck(self) -> str:
        """The stage that was busy most."""
        return max(self.shares, key=lambda stage: self.shares[stage])

    def sentence(self, stages: dict[str, int], forward: str = ADVICE["forward"]) -> str:
        """Which stage holds the others up, and what would help; `forward` is what would help that stage."""
        slow = self.bottleneck
        shares = ", ".join(f"{stage} {share:.0%}" for stage, share in self.shares.items())
        one = {"download": "download", "decode": "decoder", "forward": "forward pass"}
        many = {"download": "downloads", "decode": "decoders", "forward": "forward passes"}
        counts = ", ".join(
            f"{count} {(one if count == 1 else many)[stage]}" for stage, count in stages.items() if count
        )
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return (
            f"{slow} is the bottleneck (busy: {shares} of the time; {counts} on {cores} processors; "
            f"{self.videos_per_s:.3g} videos/s, {self.frames_per_s:.3g} frames/s): "
            f"{forward if slow == 'forward' else ADVICE[slow]}"
        )


class Clock:
    """Compares loads over time."""

    def __init__(self, stages: dict[str, int]) -> None:
        self.stages = stages
        self._begun = self._then = time.monotonic()
        self._first = self._last = Load(0, 0, 0.0, 0.0, 0.0)

    def since_last(self, load: Load, fetched: int, decoded: int) -> Pace:
        """The pace since this was asked last."""
        now = time.monotonic()
        found = self._pace(self._last, load, now - self._then, fetched, decoded)
        self._then, self._last = now, load
        return found

    def overall(self, load: Load) -> Pace:
        """The pace since the beginning."""
        return self._pace(self._first, load, time.monotonic() - self._begun, 0, 0)

    def _pace(self, before: Load, now: Load, seconds: float, fetched: int, decoded: int) -> Pace:
        seconds = max(seconds, 1e-9)
        busy = {
            "download": now.download_s - before.download_s,
            "decode": now.decode_s - before.decode_s,
            "forward": now.forward_s - before.forward_s,
        }
        # A local folder has nothing to download.
        shares = {stage: min(1.0, busy[stage] / (seconds * count)) for stage, count in self.stages.items() if count}
        videos, frames = now.videos - before.videos, now.frames - before.frames
        return Pace(videos / seconds, frames / seconds, shares, fetched, decoded)
