"""An order in which frames of one video stand apart, as near as possible to the order that was wanted."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

from engine.annotations.decision import Unit

APART = 5  # frames of a video stand at least so many places from each other


class Spread:
    """Hands out units, the most wanted first, but none whose video was shown in the last APART - 1 places.

    A video with many frames has to be begun in time, or its last ones would stand together at the end. With R units
    left, the frames of all videos beyond the last k of each (M of them) must be out k * APART places before the end:
    where no more than just that room is left, only videos with more than k frames come next. So whenever frames can
    stand APART from each other, they do; and where they cannot, they do until nothing else is left.
    """

    def __init__(self, wanted: Iterable[Unit]) -> None:
        self._frames: dict[str, deque[tuple[int, Unit]]] = defaultdict(deque)
        for place, unit in enumerate(wanted):
            self._frames[unit.video_id].append((place, unit))
        self._heads = [(frames[0][0], video) for video, frames in self._frames.items()]
        heapq.heapify(self._heads)
        self._left = sum(map(len, self._frames.values()))
        longest = max(map(len, self._frames.values()), default=0)
        self._beyond = (
            [sum(max(0, len(f) - k) for f in self._frames.values()) for k in range(longest)] if longest else []
        )

    def __len__(self) -> int:
        return self._left

    def take(self, recent: Sequence[str]) -> Unit | None:
        """The next unit, after the videos of the places before, the latest last; None where nothing else is left."""
        near = set(recent[-(APART - 1) :])
        video = self._urgent(near) or self._wanted(near)
        return self._out(video) if video else None

    def rest(self, recent: Sequence[str]) -> Unit | None:
        """The next unit where none can stand apart: of the video that was shown longest ago."""
        last = {video: place for place, video in enumerate(recent)}
        left = [(last.get(video, -1), frames[0][0], video) for video, frames in self._frames.items() if frames]
        return self._out(min(left)[2]) if left else None

    @property
    def tight(self) -> int:
        """Only videos with more frames than this may come next; 0 where any may."""
        for k in range(len(self._beyond) - 1, 0, -1):
            if self._beyond[k] and self._left - k * APART - self._beyond[k] <= 0:
                return k
        return 0

    def can_wait(self, video: str) -> bool:
        """Whether a video may be shown in between by somebody else, and its own frames still find their places."""
        frames = len(self._frames[video]) if video in self._frames else 0
        room = (self._left - k * APART - self._beyond[k] for k in range(1, frames))
        return not frames or (self._left >= 2 * APART and min(room, default=APART) >= APART)

    def _urgent(self, near: set[str]) -> str | None:
        if not (k := self.tight):
            return None
        left = [
            (frames[0][0], video) for video, frames in self._frames.items() if len(frames) > k and video not in near
        ]
        return min(left)[1] if left else None

    def _wanted(self, near: set[str]) -> str | None:
        """The video of the most wanted frame; heads that were taken by another way are dropped on sight."""
        aside, found = [], None
        while self._heads and found is None:
            place, video = heapq.heappop(self._heads)
            frames = self._frames[video]
            if not frames or frames[0][0] != place:
                continue
            aside.append((place, video))
            if video not in near:
                found = video
        for head in aside:
            heapq.heappush(self._heads, head)
        return found

    def _out(self, video: str) -> Unit:
        frames = self._frames[video]
        for k in range(min(len(frames), len(self._beyond))):
            self._beyond[k] -= 1
        self._left -= 1
        _, unit = frames.popleft()
        if frames:
            heapq.heappush(self._heads, (frames[0][0], video))
        return unit
