"""From an order of frames to a batch: quotas per video, a distance in time, and near-duplicates that count once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Limits:
    """What a batch may hold.

    Attributes:
        per_video: frames of one video at most.
        apart_s: seconds between two frames of one video at least.
        near_bits: frames whose hashes differ in so many bits or fewer count as one.
    """

    per_video: int
    apart_s: float
    near_bits: int


@dataclass
class Basket:
    """A batch that fills up.

    Args:
        videos: (N,) whose frame each is.
        times: (N,) seconds; nan where nobody knows.
        hashes: (N,) perceptual.
    """

    videos: Sequence[str]
    times: Sequence[float]
    hashes: Hashes
    limits: Limits
    picked: list[int] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._times: dict[str, list[float]] = defaultdict(list)
        self._seen: set[int] = set()

    def fill(self, order: Iterable[int], count: int) -> None:
        """Take frames in this order until the batch holds `count`; those looked at before are not looked at again."""
        for frame in order:
            if len(self.picked) >= count:
                return
            if frame not in self._seen:
                self._seen.add(frame)
                self._take(int(frame))

    def _take(self, frame: int) -> None:
        reason = self._reason(frame)
        if reason:
            self.left_out[reason] += 1
            return
        self.picked.append(frame)
        self._times[self.videos[frame]].append(self.times[frame])

    def _reason(self, frame: int) -> str:
        """Why a frame is not taken; empty where it is."""
        times = self._times[self.videos[frame]]
        if len(times) >= self.limits.per_video:
            return "per_video"
        if any(abs(self.times[frame] - time) < self.limits.apart_s for time in times):
            return "apart"
        return "near_duplicates" if self._near(frame) else ""

    def _near(self, frame: int) -> bool:
        return bool(len(self.picked)) and bool(
            near(self.hashes[[frame]], self.hashes[self.picked], self.limits.near_bits)[0]
        )


def near(hashes: Hashes, others: Hashes, bits: int) -> npt.NDArray[np.bool_]:
    """(N,): whether any of the others differs from a hash in `bits` bits or fewer."""
    found = np.zeros(len(hashes), np.bool_)
    for start in range(0, len(hashes), 1024) if len(others) else ():
        piece = slice(start, start + 1024)
        found[piece] = (np.bitwise_count(hashes[piece, None] ^ others[None]) <= bits).any(1)
    return found
