"""Decoding with a deadline a video, in a process that is killed and replaced when it hangs or dies."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.errors import DataError
from engine.scaling.failures import Broken
from engine.scaling.process import Ended, Process
from engine.vision.consuming import View
from engine.vision.decode import Frame

SLOT_BYTES = 8 << 20


@dataclass(frozen=True)
class Task:
    """A video to decode.

    Attributes:
        path: of its file here.
        content: the hash of its bytes, where it is known already.
        frames: how many are wanted, evenly spread.
        views: how each is to be shown.
    """

    path: Path
    content: str
    frames: int
    views: Sequence[View]


@dataclass(frozen=True)
class Shown:
    """A frame in each of its views, in memory that is the decoder's until it is released."""

    index: int
    time_s: float
    pixels: Sequence[Frame]


@dataclass(frozen=True)
class Chunk:
    """Some frames of a video, in order; to be copied and then released."""

    frames: Sequence[Shown]
    slot: int
    process: Process

    def release(self) -> None:
        """Let the decoder write over it."""
        self.process.free(self.slot)


@dataclass(frozen=True)
class Done:
    """All frames of a video were handed over."""

    content: str
    facts: dict[str, Any]


class Decoder:
    """A process, and after its death the next one; for use by one thread."""

    def __init__(self, deadline_s: float, slot_bytes: int = SLOT_BYTES) -> None:
        self._deadline_s, self._slot_bytes = deadline_s, slot_bytes
        self._process = Process(slot_bytes)
        self.working_s = 0.0
        self.replaced = 0

    def decode(self, task: Task) -> Iterator[Chunk | Done]:
        """Chunks of a video, and at last what is known of it.

        Raises:
            Broken: it cannot be decoded, did not come within the deadline, or took the process with it.
            DataError: processes cannot be started at all.
        """
        self._process.tell({**asdict(task), "path": str(task.path)})
        left = self._deadline_s
        while True:
            said, took = self._hear()
            left -= took
            if said is None and left <= 0:
                self._replace()
                raise Broken("deadline", f"not decoded within {self._deadline_s:g} s", task.content)
            if said and "failed" in said:
                raise Broken(said["failed"], said["words"], said["content"])
            if said and "done" in said:
                yield Done(said["content"], said["done"])
                return
            if said and "slot" in said:
                yield self._chunk(said)

    def close(self) -> None:
        """End the process."""
        self._process.end()

    def kill(self) -> None:
        """Kill the process, from any thread; whoever decodes is told that it crashed."""
        self._process.kill()

    def _hear(self) -> tuple[dict[str, Any] | None, float]:
        """What the process says, and how long it has worked meanwhile."""
        begun, works = time.monotonic(), self._process.works
        try:
            said = self._process.hear()
        except Ended as ended:
            if ended.early:
                raise DataError(f"a process that decodes ended before it began, with {ended}") from None
            self._replace()
            raise Broken("crashed", f"its decoder ended with {ended}") from None
        took = time.monotonic() - begun if works else 0.0
        self.working_s += took
        return said, took

    def _chunk(self, said: dict[str, Any]) -> Chunk:
        process = self._process
        frames = [
            Shown(index, time_s, [process.pixels(*place) for place in places])
            for index, time_s, places in said["frames"]
        ]
        return Chunk(frames, said["slot"], process)

    def _replace(self) -> None:
        self._process.end()
        self._process = Process(self._slot_bytes)
        self.replaced += 1
