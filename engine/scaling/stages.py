"""The first two stages, in threads: videos are fetched, and decoded by a process each; queues between are bounded."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.scaling.decoding import SLOT_BYTES, Chunk, Decoder, Done, Task
from engine.scaling.failures import Broken
from engine.scaling.feeding import Open
from engine.scaling.fetching import Source
from engine.vision.consuming import View

TICK_S = 0.1
CLOSING_S = 3.0  # who fetches may be in the middle of something; it ends with the process
LIVES = 3  # decoders that a video may cost before it is said to be the reason


@dataclass(frozen=True)
class Came:
    """What a decoder has of a video: frames, the end of it, or why there is none; or a fault that ends everything."""

    video: Open | None
    what: Chunk | Done | Again | Broken | BaseException


@dataclass(frozen=True)
class Again:
    """Its decoder died, which may not have been its fault: what came of it is void, and all of it comes once more."""


class _Over(Exception):
    """Everything is to end."""


class Stages:
    """Threads that fetch and decode; they end when this is closed."""

    def __init__(
        self, videos: Iterable[Open], views: Sequence[View], source: Source, *, frames: int, decoders: int,
        deadline_s: float,
    ) -> None:  # fmt: skip
        self._videos, self._views, self._source, self._frames = iter(videos), views, source, frames
        self._deadline_s = deadline_s
        self._guard, self._over = threading.Lock(), threading.Event()
        # Enough to even out long and short videos, few enough that memory and disk are bounded.
        self.fetched: queue.Queue[Any] = queue.Queue(2 * decoders)
        self.decoded: queue.Queue[Came] = queue.Queue(2 * decoders)
        self.download_s, self._decoders = 0.0, list[Decoder]()
        fetchers = source.threads or 1  # a folder here has nothing to fetch, and one thread tells where it is
        self._fetching = [self._thread(self._fetch) for _ in range(fetchers)]
        self._decoding = [self._thread(self._decode) for _ in range(decoders)]
        for thread in (*self._fetching, *self._decoding):
            thread.start()

    @property
    def decode_s(self) -> float:
        """How long decoders have worked, summed."""
        return sum(decoder.working_s for decoder in tuple(self._decoders))

    @property
    def replaced(self) -> int:
        """How many decoders were killed, or died, and were replaced."""
        return sum(decoder.replaced for decoder in tuple(self._decoders))

    def next(self) -> Came | None:
        """What came; None where nothing did for a while."""
        try:
            return self.decoded.get(timeout=TICK_S)
        except queue.Empty:
            return None

    def close(self) -> None:
        """End the threads and their processes."""
        self._over.set()
        for decoder in tuple(self._decoders):
            decoder.kill()
        self._source.end()
        end = time.monotonic() + CLOSING_S
        for thread in (*self._fetching, *self._decoding):
            thread.join(max(0.0, end - time.monotonic()))

    # --- in threads ----------------------------------------------------------------------------------------------

    def _thread(self, do: Callable[[], None]) -> threading.Thread:
        return threading.Thread(target=self._guarded, args=(do,), name=do.__name__, daemon=True)

    def _guarded(self, do: Callable[[], None]) -> None:
        with suppress(_Over):
            try:
                do()
            except _Over:
                raise
            except BaseException as error:  # noqa: BLE001 - raised again where the answers are awaited
                self._put(self.decoded, Came(None, error))

    def _fetch(self) -> None:
        while (video := self._next_video()) is not None:
            begun = time.monotonic()
            try:
                path = self._source.get(video.item)
            except Broken as broken:
                self._put(self.decoded, Came(video, broken))
                continue
            finally:
                with self._guard:
                    self.download_s += time.monotonic() - begun
            self._put(self.fetched, (video, path))

    def _next_video(self) -> Open | None:
        with self._guard:
            return None if self._over.is_set() else next(self._videos, None)

    def _decode(self) -> None:
        decoder = Decoder(self._deadline_s, self._slot_bytes())
        self._decoders.append(decoder)
        try:
            for video, path in self._arriving():
                self._decode_one(decoder, video, path)
                self._source.let_go(video.item)
        finally:
            decoder.close()

    def _decode_one(self, decoder: Decoder, video: Open, path: Path) -> None:
        """Hand on what comes of a video; a decoder that somebody has killed is no fault of it."""
        task = Task(path, video.item.content, self._frames, self._views)
        for left in range(LIVES - 1, -1, -1):
            try:
                for what in decoder.decode(task):
                    self._put(self.decoded, Came(video, what))
                return
            except Broken as broken:
                if self._over.is_set():
                    raise _Over from None
                last = broken.reason != "crashed" or not left
                self._put(self.decoded, Came(video, broken if last else Again()))
                if last:
                    return

    def _arriving(self) -> Iterator[Any]:
        while not self._over.is_set():
            try:
                yield self.fetched.get(timeout=TICK_S)
            except queue.Empty:
                if not any(thread.is_alive() for thread in self._fetching) and self.fetched.empty():
                    return

    def _put(self, where: queue.Queue[Any], thing: Any) -> None:
        while not self._over.is_set():
            try:
                where.put(thing, timeout=TICK_S)
                return
            except queue.Full:
                continue
        raise _Over

    def _slot_bytes(self) -> int:
        """At least one frame in all views."""
        return max(SLOT_BYTES, sum(3 * view.size * view.size for view in self._views))
