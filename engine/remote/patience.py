"""How long a shepherd waits before it tries again: ever longer, and for the first connection not for ever."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

FIRST_S, LONGEST_S = 1.0, 60.0
GIVE_UP_S = 600.0  # a machine that has not answered once by then


class Pauses:
    """The pauses between tries of one thing."""

    def __init__(self, asked: Callable[[], bool]) -> None:
        self._asked = asked
        self._give_up_s = float(os.environ.get("FOOTPLATE_GIVE_UP_S") or GIVE_UP_S)
        self.reset()

    def reset(self) -> None:
        """It has worked."""
        self.count, self._pause, self._since = 0, FIRST_S, time.monotonic()

    @property
    def used_up(self) -> bool:
        """Whether it has been tried for so long that nobody will expect it any more."""
        return time.monotonic() - self._since > self._give_up_s

    def next(self, *, quick: bool = False) -> float:
        """How long the next pause is."""
        if not self.count:
            self._since = time.monotonic()
        self.count += 1
        pause, self._pause = self._pause, min(LONGEST_S, 2 * self._pause)
        return FIRST_S if quick else pause

    def sleep(self, seconds: float) -> None:
        """Sleep; a new request to stop ends it."""
        before, end = self._asked(), time.monotonic() + seconds
        while time.monotonic() < end and self._asked() == before:
            time.sleep(min(0.1, seconds))
