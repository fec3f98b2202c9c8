"""When the lines of a log were written: `log.times`, which the supervisor keeps beside `log.txt`.

A line each second in which the log has grown: the time in seconds since 1970, and how long the log was then. A line of
the log was written before the first time at which the log reached beyond its beginning, and after the time before that.
"""

from __future__ import annotations

import time
from array import array
from bisect import bisect_right
from contextlib import suppress
from pathlib import Path

EVERY_S = 1.0


class Stamper:
    """The writer's side: `tick` as often as one likes."""

    def __init__(self, log: Path, stamps: Path) -> None:
        self._log, self._stamps = log, stamps
        self._size = -1
        self._next = 0.0

    def tick(self, *, last: bool = False) -> None:
        """Note how long the log is, where it has grown and a second has passed; at the `last` time, at once."""
        now = time.monotonic()
        if now < self._next and not last:
            return
        self._next = now + EVERY_S
        with suppress(OSError):  # on a full disk, or in a folder that is gone, others have more to say
            size = self._log.stat().st_size
            if size != self._size:
                self._size = size
                with self._stamps.open("a", encoding="ascii") as file:
                    file.write(f"{time.time():.1f} {size}\n")


class Stamps:
    """The reader's side: when it was seen how long a log was."""

    def __init__(self) -> None:
        self._times, self._sizes = array("d"), array("Q")
        self._offset = 0

    def __len__(self) -> int:
        return len(self._times)

    def note(self, at: float, size: int) -> None:
        """At this time the log was so long; one that is shorter than before has begun anew."""
        if self._sizes and size < self._sizes[-1]:
            self._times, self._sizes = array("d"), array("Q")
        if not self._sizes or size > self._sizes[-1]:
            self._times.append(at)
            self._sizes.append(size)

    def read(self, stamps: Path) -> bool:
        """Read what is new in `log.times`; whether there is any such file. Half a line is left for later."""
        try:
            with stamps.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except OSError:
            return False
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            at, _, size = line.partition(b" ")
            with suppress(ValueError):
                self.note(float(at), int(size))
        return True

    def at(self, offset: int) -> float | None:
        """By when the byte at an offset was there; None where nobody has seen that yet."""
        place = bisect_right(self._sizes, offset)
        return self._times[place] if place < len(self._times) else None

    def is_first(self, at: float) -> bool:
        """Whether this is the first time: what was there then may have been there for long."""
        return bool(self._times) and at == self._times[0]

    @property
    def span_s(self) -> float:
        """From the first to the last time."""
        return self._times[-1] - self._times[0] if self._times else 0.0
