"""Send what grows in a folder, in frames of a line of JSON and bytes, until standard input ends."""

from __future__ import annotations

import base64
import json
import os
import select
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

CHUNK = 1 << 18
TAIL = 4096  # so many bytes before an offset have to be what the other side has
BEAT_S = 2.0  # a sign of life; writing it also ends us where nobody reads any more
QUICK_S, SLOW_S = 0.05, 0.2


class Growing:
    """A file that grows: how far it was sent, and the last bytes of that."""

    def __init__(self, folder: Path, path: str, offset: int, tail: bytes) -> None:
        self.path, self.file = path, folder / path
        self.offset, self.tail, self.checked = offset, tail, False

    def look(self) -> bool:
        """Send the next chunk; whether there was one."""
        try:
            with self.file.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size == self.offset and self.checked:
                    return False
                if not self.is_known(file, size):
                    self.begin_again(size)
                self.checked = True
                file.seek(self.offset)
                data = file.read(CHUNK)
        except FileNotFoundError:
            return False
        if data:
            send({"path": self.path, "offset": self.offset, "bytes": len(data), "size": size}, data)
            self.offset += len(data)
            self.tail = (self.tail + data)[-TAIL:]
        return bool(data)

    def is_known(self, file: BinaryIO, size: int) -> bool:
        """Whether what stands before the offset is what the other side has."""
        file.seek(self.offset - len(self.tail))
        return size >= self.offset and file.read(len(self.tail)) == self.tail

    def begin_again(self, size: int) -> None:
        """Tell that it is another file, and go on from its beginning."""
        words = "it is shorter than it was" if size < self.offset else "what it began with is another thing now"
        send({"path": self.path, "replaced": words})
        self.offset, self.tail = 0, b""


class Whole:
    """A small file that is replaced as a whole."""

    def __init__(self, folder: Path, path: str) -> None:
        self.path, self.file = path, folder / path
        self.seen: tuple[int, int, int] | None = None

    def look(self) -> bool:
        """Send it if it is another one than before; whether it was."""
        try:
            with self.file.open("rb") as file:
                facts = os.fstat(file.fileno())
                now = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
                if now == self.seen:
                    return False
                data = file.read()
        except FileNotFoundError:
            gone, self.seen = self.seen is not None, None
            if gone:
                send({"path": self.path, "gone": True})
            return gone
        send({"path": self.path, "whole": True, "bytes": len(data)}, data)
        self.seen = now
        return True


def send(words: dict[str, Any], data: bytes = b"") -> None:
    """A frame; where nobody reads any more this ends us."""
    sys.stdout.buffer.write(json.dumps(words).encode() + b"\n" + data)
    sys.stdout.buffer.flush()


def files(asked: dict[str, Any]) -> Iterator[Growing | Whole]:
    """What was asked to be sent."""
    there = asked["folder"]
    folder = Path.home() / (there[2:] if there.startswith("~/") else there)
    for path, (offset, tail) in asked["growing"].items():
        yield Growing(folder, path, offset, base64.b64decode(tail))
    for path in asked["whole"]:
        yield Whole(folder, path)


def mark() -> None:
    """Tell the watchdog whose connection this is: to follow is no use of a machine."""
    ours, here = Path.home() / "footplate" / "watchdog" / "ours", os.environ.get("SSH_CONNECTION", "").split()
    if len(here) > 1 and ours.is_dir():
        with suppress(OSError):
            (ours / " ".join(here[:2])).touch()


def main() -> None:
    """Look at all files again and again, more rarely where nothing happens."""
    mark()
    watched = list(files(json.loads(sys.stdin.buffer.readline())))
    said, pause = float("-inf"), QUICK_S
    while True:
        if time.monotonic() - said > BEAT_S:
            send({"beat": time.time()})
            said = time.monotonic()
        moved = [file.look() for file in watched]
        pause = QUICK_S if any(moved) else min(pause * 1.3, SLOW_S)
        readable, _, _ = select.select([sys.stdin], [], [], 0 if any(moved) else pause)
        if readable and not os.read(sys.stdin.fileno(), 1):
            return


try:
    main()
except (BrokenPipeError, KeyboardInterrupt):
    os._exit(0)
