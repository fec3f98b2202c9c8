"""One connection that mirrors a folder: the process of ssh, and the frames that the program there sends through it."""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from vmops import programs, ssh
from vmops.errors import Broken, Cut, OutsideError

TAIL = 4096  # so many bytes before an offset are compared, so that another file of the same name is noticed
SILENT_S = 8.0  # the machine says something every 2 s
_BLOCK = 1 << 18


@dataclass(frozen=True)
class Mark:
    """How far a growing file is known, and the bytes before that place."""

    offset: int = 0
    tail: bytes = b""


@dataclass(frozen=True)
class Piece:
    """The next bytes of a growing file, from an offset on; `size` is how large it is there."""

    path: str
    offset: int
    data: bytes
    size: int


@dataclass(frozen=True)
class Whole:
    """A small file that is another one now; None where it went away."""

    path: str
    data: bytes | None


@dataclass(frozen=True)
class Replaced:
    """The file there does not go on from what we have of it; it comes again from its beginning."""

    path: str
    words: str


@dataclass(frozen=True)
class Link:
    """Whether there is a connection, since when, and if not, why, and what to do."""

    up: bool
    words: str
    hint: str
    since: float


@dataclass(frozen=True)
class Beat:
    """A sign of life, with the machine's clock."""

    at: float


Said = Piece | Whole | Replaced | Link | Beat


def connection(host: ssh.Host, there: str, marks: dict[str, Mark], whole: Sequence[str]) -> Generator[Said, None, None]:
    """What one connection says; keeps `marks` up to date, and raises Cut when it ends."""
    known = {path: (mark.offset, base64.b64encode(mark.tail).decode()) for path, mark in marks.items()}
    asked = json.dumps({"folder": there, "growing": known, "whole": [*whole]})
    small = frozenset(whole)
    with tempfile.TemporaryFile() as complaints:  # nobody reads them meanwhile, and a pipe would fill up
        process = _started(host, programs.text("mirror") + asked.encode() + b"\n", complaints)
        try:
            for number, (words, data) in enumerate(_frames(host, process)):
                if not number:
                    yield Link(True, "connected", "", time.time())
                try:
                    yield _said(marks, small, words, data)
                except (KeyError, TypeError, ValueError):
                    raise _unexpected(host, words) from None
            raise _why(host, process, complaints)
        finally:
            ssh.ended(process)


def _started(host: ssh.Host, data: bytes, complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    process = ssh.opened(ssh.command(host, programs.argv("mirror")), complaints)
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # why it is gone already is told when its output is read
        process.stdin.write(data)
        process.stdin.flush()  # and left open: its end is how the program there hears that we are gone
    return process


def _frames(host: ssh.Host, process: subprocess.Popen[bytes]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Each frame, until the connection ends; what is there of a half one is dropped."""
    assert process.stdout is not None
    held, looks = bytearray(), select.poll()
    looks.register(process.stdout, select.POLLIN)
    while True:
        if not looks.poll(SILENT_S * 1000):
            ssh.disconnect(host)  # else the next try would go through the same dead connection
            raise Cut(f"{host.name}: nothing heard for {SILENT_S:.0f} s", hint="it is tried again")
        block = os.read(process.stdout.fileno(), _BLOCK)
        if not block:
            return
        held += block
        yield from _whole_frames(host, held)


def _whole_frames(host: ssh.Host, held: bytearray) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Frames that have come as a whole are taken out of what is held."""
    while (end := held.find(b"\n")) >= 0:
        try:
            words = json.loads(held[:end])
            size = int(words.get("bytes", 0))
            if size < 0:
                raise ValueError(size)
        except (ValueError, TypeError, AttributeError):
            said = bytes(held[:end][:200])
            raise Broken(
                f"{host.name}: instead of a frame came {said!r}", hint="does a login script there print something?"
            ) from None
        if len(held) < end + 1 + size:
            return
        data = bytes(held[end + 1 : end + 1 + size])
        del held[: end + 1 + size]
        yield words, data


def _said(marks: dict[str, Mark], whole: frozenset[str], words: dict[str, Any], data: bytes) -> Said:
    """What a frame says; Broken where it is about a file that nobody asked for, since it would be written here."""
    if "beat" in words:
        return Beat(float(words["beat"]))
    path, small = str(words["path"]), "replaced" not in words and "offset" not in words
    if path not in (whole if small else marks):
        raise Broken(
            f"the machine sent {path!r}, for which it was not asked",
            hint="is it the machine that you mean? Nothing was written",
        )
    if small:
        return Whole(path, None if "gone" in words else data)
    if "replaced" in words:
        marks[path] = Mark()
        return Replaced(path, str(words["replaced"]))
    before = marks[path]
    if before.offset != words["offset"]:
        raise Broken(
            f"{path}: byte {words['offset']} came after byte {before.offset}", hint="this is a mistake of ours"
        )
    marks[path] = Mark(before.offset + len(data), (before.tail + data)[-TAIL:])
    return Piece(path, before.offset, data, int(words["size"]))


def _unexpected(host: ssh.Host, words: dict[str, Any]) -> Broken:
    return Broken(f"{host.name}: not a frame of ours: {words!r:.200}", hint="is it the machine that you mean?")


def _why(host: ssh.Host, process: subprocess.Popen[bytes], complaints: IO[bytes]) -> OutsideError:
    """Why it ended: a program that was killed there is begun again like a connection that was cut."""
    code = process.wait()
    complaints.seek(0)
    said = complaints.read()
    if code in (0, 137, 143):
        return Cut(f"{host.name}: the program there has ended", hint="it is started again")
    return ssh.why(host, code, said)
