"""A process that decodes: a line of JSON in for a video, its frames out through shared memory. No torch.

It may be killed at any time; what it holds is gone with it, and nothing is left behind. Its memory is a few slots. A
slot that is full is told to the parent, and is free again when the parent says so.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import av
import numpy as np

from engine.errors import DataError
from engine.files import sha256
from engine.scaling.failures import Broken
from engine.vision import decode
from engine.vision.consuming import View

PR_SET_PDEATHSIG = 1
SIGNATURES = (b"ftyp", b"\x1aE\xdf\xa3", b"RIFF", b"moov", b"FLV", b"\x00\x00\x01\xba")


def main(arguments: Sequence[str]) -> None:
    """Serve a socket until it is closed."""
    parent, pipe, memory, slots, slot_bytes = map(int, arguments)
    _die_with(parent)
    connection = socket.socket(fileno=pipe)
    with connection.makefile("r", encoding="utf-8") as asked, connection.makefile("w", encoding="utf-8") as answers:
        desk = Desk(mmap.mmap(memory, slots * slot_bytes), slots, slot_bytes, asked, answers)
        _say(answers, {"ready": os.getpid()})
        while (task := desk.next()) is not None:
            content = str(task["content"])
            try:
                content = content or _hashed(Path(task["path"]))
                _say(answers, {"done": _decode(desk, task), "content": content})
            except Broken as broken:
                desk.drop()
                _say(answers, {"failed": broken.reason, "words": broken.words, "content": content})


class Desk:
    """The slots of memory, and the parent's lines: tasks, and slots that are free again."""

    def __init__(self, memory: mmap.mmap, slots: int, slot_bytes: int, asked: TextIO, answers: TextIO) -> None:
        self._memory, self._slot_bytes, self._asked, self._answers = memory, slot_bytes, asked, answers
        self._free = deque(range(slots))
        self._tasks: deque[dict[str, Any]] = deque()
        self._slot, self._used, self._frames = -1, 0, list[Any]()

    def next(self) -> dict[str, Any] | None:
        """The next task; None when there will be none."""
        while not self._tasks:
            if not self._hear():
                return None
        return self._tasks.popleft()

    def put(self, index: int, time_s: float, shown: Sequence[decode.Frame]) -> None:
        """Hand over a frame, in each of its views."""
        size = sum(pixels.nbytes for pixels in shown)
        if size > self._slot_bytes:
            raise Broken("unreadable", f"a frame of {size} bytes is larger than was promised")
        if self._used + size > self._slot_bytes:
            self.give()
        if self._slot < 0:
            self._slot = self._take()
        places = []
        for pixels in shown:
            at = self._slot * self._slot_bytes + self._used
            self._memory[at : at + pixels.nbytes] = np.ascontiguousarray(pixels).data.cast("B")
            places.append((at, *pixels.shape[:2]))
            self._used += pixels.nbytes
        self._frames.append((index, time_s, places))

    def give(self) -> None:
        """Tell the parent of what was put."""
        if self._frames:
            _say(self._answers, {"slot": self._slot, "frames": self._frames})
            self._slot, self._used, self._frames = -1, 0, []

    def drop(self) -> None:
        """Forget what was put and not given."""
        if self._slot >= 0:
            self._free.append(self._slot)
        self._slot, self._used, self._frames = -1, 0, []

    def _take(self) -> int:
        while not self._free:
            if not self._hear():
                os._exit(0)
        return self._free.popleft()

    def _hear(self) -> bool:
        try:
            line = self._asked.readline()
        except OSError:  # the parent was killed before it had read all
            return False
        if not line:
            return False
        said = json.loads(line)
        if "free" in said:
            self._free.append(said["free"])
        else:
            self._tasks.append(said)
        return True


def _decode(desk: Desk, task: dict[str, Any]) -> dict[str, Any]:
    """Put all wanted frames of a video; what is known of it; Broken where nothing decodes."""
    path = Path(task["path"])
    if path.is_file() and not path.stat().st_size:
        raise Broken("empty", "0 bytes")
    views = [View(**view) for view in task["views"]]
    try:
        with decode.video(path) as video:
            if not video.count:
                raise Broken("truncated", "no frame of it decodes")
            for index, time_s, frame in video.pick(decode.uniform(video.count, task["frames"])):
                desk.put(index, round(time_s, 6), [view(frame) for view in views])
            seconds = round(video.duration_s, 6)
            facts = {"frames_in_video": video.count, "promised_frames": video.promised, "duration_s": seconds}
    except DataError:
        raise _reason(path) from None
    desk.give()
    return facts


def _hashed(path: Path) -> str:
    try:
        return f"sha256:{sha256(path)}" if path.stat().st_size else "empty"
    except FileNotFoundError:
        raise Broken("gone", "it is not there any more") from None
    except OSError as error:
        raise Broken("no_access", f"its file cannot be read: {error.strerror}") from None


def _reason(path: Path) -> Broken:
    """Why a file cannot be decoded, found by another look at it."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                return Broken("no_video_stream", "no video stream in it")
        return Broken("truncated", "it opens, and then its frames cannot be had")
    except (OSError, av.FFmpegError):
        with path.open("rb") as file:
            head = file.read(12)
        begins = any(signature in head for signature in SIGNATURES)
        words = "it begins as a video and lacks its index" if begins else "no video that FFmpeg knows"
        return Broken("truncated" if begins else "unreadable", words)


def _die_with(parent: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked to be told
        os._exit(1)


def _say(answers: TextIO, value: dict[str, Any]) -> None:
    try:
        answers.write(json.dumps(value) + "\n")
        answers.flush()
    except OSError:  # nobody listens any more
        os._exit(0)
