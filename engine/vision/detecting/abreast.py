"""Frames of a batch side by side, each on one thread: the answers are the same however many there are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from engine.vision.consuming import Row
from engine.vision.decode import Frame

Work = Callable[[Frame], Row]


class Abreast:
    """Does some work for every frame of a batch. The work must be one that several threads may do at once."""

    def __init__(self, work: Work, threads: int) -> None:
        self._work = work
        self._pool = ThreadPoolExecutor(threads, "extractor") if threads > 1 else None

    def __call__(self, frames: Frame) -> list[Row]:
        """A row for each of (N, H, W, 3), in order."""
        return list(self._pool.map(self._work, frames) if self._pool else map(self._work, frames))
