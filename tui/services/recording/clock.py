"""The time of a replay: it plays, stands still, jumps, and goes faster."""

from __future__ import annotations

import threading
import time

SPEEDS = (1, 2, 4, 8, 16, 32, 64)


class Clock:
    """Seconds since the recording began; looked at by several threads, moved by one."""

    def __init__(self, length_s: float, at: float = 0.0, *, playing: bool = True) -> None:
        self.length_s = length_s
        self.speed = 1
        self.jumps = 0  # how often it was set to another time
        self._changed = threading.Condition()
        self._base, self._since = self._within(at), time.monotonic()
        self._playing = playing

    @property
    def position(self) -> float:
        """Where it is."""
        going = (time.monotonic() - self._since) * self.speed if self._playing else 0.0
        return self._within(self._base + going)

    @property
    def playing(self) -> bool:
        """Whether it moves; at the end it stands."""
        return self._playing and self.position < self.length_s

    def seek(self, position: float) -> None:
        """To another time, forth or back."""
        self._set(position, self._playing)
        self.jumps += 1

    def pause(self) -> None:
        self._set(self.position, False)

    def play(self) -> None:
        """Go on; from the end, begin anew."""
        if self.position >= self.length_s:
            self.seek(0.0)
        self._set(self.position, True)

    def faster(self, steps: int) -> None:
        """Through the speeds, or back."""
        place = max(0, min(len(SPEEDS) - 1, SPEEDS.index(self.speed) + steps))
        self._set(self.position, self._playing)
        self.speed = SPEEDS[place]

    def wait(self, until: float | None, most_s: float) -> None:
        """Wait for a position, for a hand that changes something, or so many seconds."""
        going = (until - self.position) / self.speed if until is not None and self._playing else most_s
        with self._changed:
            self._changed.wait(max(0.005, min(most_s, going)))

    def _set(self, position: float, playing: bool) -> None:
        with self._changed:
            self._base, self._since, self._playing = self._within(position), time.monotonic(), playing
            self._changed.notify_all()

    def _within(self, position: float) -> float:
        return max(0.0, min(position, self.length_s))
