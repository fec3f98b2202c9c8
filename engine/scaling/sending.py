"""Commits go to their store in a thread, so that a slow bucket holds nothing up; one that is away is tried again."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import DataError
from engine.scaling.commits import Commit, Commits, reason
from engine.scaling.shards import Shard
from vmops.errors import OutsideError, Unavailable

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
TICK_S = 0.2


@dataclass(frozen=True)
class Sent:
    """What became of a shard: `other` is what somebody had committed before us; `words` why it is not committed yet.

    Attributes:
        settled: it is committed, by us or by others.
    """

    settled: bool
    other: Commit | None = None
    words: str = ""


class Sender:
    """A thread and two queues; whoever puts shards in takes out what became of them."""

    def __init__(self, commits: Commits) -> None:
        self._commits, self._ends, self._end_at = commits, threading.Event(), float("inf")
        self._wanted: queue.SimpleQueue[tuple[Shard, bytes] | None] = queue.SimpleQueue()
        self._sent: queue.SimpleQueue[Sent] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="commits", daemon=True)
        self._thread.start()

    def put(self, shard: Shard, data: bytes) -> None:
        """Have a shard committed."""
        self._wanted.put((shard, data))

    def taken(self) -> list[Sent]:
        """What became of shards since this was asked last."""
        return [self._sent.get() for _ in range(self._sent.qsize())]

    def close(self, patience_s: Callable[[], float]) -> None:
        """Wait for what is left, but not longer than that, which may become less meanwhile."""
        begun = time.monotonic()
        self._end_at = begun + patience_s()
        self._ends.set()
        self._wanted.put(None)
        while self._thread.is_alive() and time.monotonic() - begun < patience_s() + 1.0:
            self._thread.join(TICK_S)

    def _run(self) -> None:
        while (one := self._wanted.get()) is not None:
            self._save(*one)

    def _save(self, shard: Shard, data: bytes) -> None:
        wait = FIRST_WAIT_S
        while True:
            try:
                self._sent.put(Sent(True, self._commits.save(shard, data)))
                return
            except (OutsideError, DataError) as error:
                self._sent.put(Sent(False, words=reason(error)))
                if not isinstance(error, Unavailable) or time.monotonic() + wait > self._end_at:
                    return
            # Once the run ends there is no more to be woken for.
            time.sleep(wait) if self._ends.is_set() else self._ends.wait(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)
