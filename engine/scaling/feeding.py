"""Batches across the borders of videos, and the answers back to each video."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.scaling.decoding import Shown
from engine.scaling.listing import Item
from engine.vision.consuming import Batch, Consumer, Row
from engine.vision.decode import Frame

SHAPES = 6  # batches that are open at once, where frames keep their shapes


@dataclass(eq=False)
class Open:
    """A video on its way.

    Attributes:
        item: which.
        consumers: who is to see it, by number.
        frames: how many of its frames were handed over.
        answers: by consumer, (index, time_s, row) of its frames.
        content: the hash of its bytes, when all frames were handed over.
        facts: likewise, what is known of it.
        dropped: it turned out to be broken.
        attempt: rises when all of it comes once more.
    """

    item: Item
    consumers: Sequence[int]
    frames: int = 0
    answers: dict[int, list[tuple[int, float, Row]]] = field(default_factory=dict)
    content: str = ""
    facts: dict[str, Any] | None = None
    dropped: bool = False
    attempt: int = 0

    def again(self) -> None:
        """What came of it is void."""
        self.attempt += 1
        self.frames, self.answers = 0, {}

    def whole(self, consumer: int) -> bool:
        """Whether a consumer has answered for all its frames."""
        return self.facts is not None and len(self.answers.get(consumer, ())) == self.frames


@dataclass
class _Pile:
    """Frames of one shape that wait until they are enough."""

    pixels: Frame
    frames: list[tuple[Open, int, int, float]] = field(default_factory=list)  # video, attempt, index, time


class Feed:
    """Feeds one consumer; `answered` hears of each video for which it was fed a frame, when that was answered."""

    def __init__(
        self, number: int, consumer: Consumer, answered: Callable[[Open, int], None],
        check: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Args: check: is called before each batch, which may take seconds; what it raises ends the work."""
        self.number, self.consumer, self._answered, self._check = number, consumer, answered, check
        self._piles: dict[tuple[int, ...], _Pile] = {}
        self.busy_s = 0.0

    @property
    def waiting(self) -> int:
        """Frames in batches that are not full."""
        return sum(len(pile.frames) for pile in self._piles.values())

    def add(self, video: Open, shown: Shown, pixels: Frame) -> None:
        """Take a frame, which is copied; answers come when a batch is full."""
        if pixels.shape not in self._piles and len(self._piles) >= SHAPES:
            self._flush(max(self._piles, key=lambda shape: len(self._piles[shape].frames)))
        batch = self.consumer.batch
        pile = self._piles.get(pixels.shape)
        if pile is None:
            pile = self._piles[pixels.shape] = _Pile(np.empty((batch, *pixels.shape), np.uint8))
        pile.pixels[len(pile.frames)] = pixels
        pile.frames.append((video, video.attempt, shown.index, shown.time_s))
        if len(pile.frames) == len(pile.pixels):
            self._flush(pixels.shape, keep=True)

    def flush(self) -> None:
        """Have all answered that waits."""
        for shape in list(self._piles):
            self._flush(shape)

    def _flush(self, shape: tuple[int, ...], keep: bool = False) -> None:
        pile = self._piles.pop(shape)
        frames = pile.frames
        batch = Batch(
            pile.pixels[: len(frames)],
            [video.item.video_id for video, *_ in frames],
            [index for *_, index, _ in frames],
            [time_s for *_, time_s in frames],
        )
        self._check()
        begun = time.monotonic()
        rows = self.consumer.frames(batch) if frames else []
        self.busy_s += time.monotonic() - begun
        if len(rows) != len(frames):
            raise ValueError(f"{self.consumer.name} answered {len(rows)} rows for {len(frames)} frames")
        if keep:
            self._piles[shape] = _Pile(pile.pixels)
        for (video, attempt, index, time_s), row in zip(frames, rows, strict=True):
            if attempt == video.attempt:
                video.answers.setdefault(self.number, []).append((index, time_s, row))
        for video in dict.fromkeys(video for video, *_ in frames):
            if not video.dropped:
                self._answered(video, self.number)
