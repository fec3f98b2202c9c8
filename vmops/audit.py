"""Every act that costs or deletes: a file of JSON lines that only grows, written by any number of processes at once."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vmops import durable
from vmops.errors import Denied

FILE = "audit.jsonl"
ACTS = (
    "asked", "refused", "failed", "created", "started", "stopped", "preempted", "deleted", "observed", "priced",
    "went_over_budget", "set_budget", "refreshed_prices",
)  # fmt: skip


TAIL = 256  # bytes by which a file is known again: its last line, with the time in it


@dataclass(frozen=True)
class Line:
    """Who did what to which machine and when, by the clock of the computer that wrote it."""

    at: float
    who: str
    act: str
    machine: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """Everything that was written, oldest first, and what of it could not be read."""

    lines: tuple[Line, ...]
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Read:
    """As much of a file as was read: how many bytes and lines, the last of the bytes, and what the lines say."""

    offset: int
    count: int
    tail: bytes
    record: Record


_NOTHING = _Read(0, 0, b"", Record(()))
_READ: dict[Path, _Read] = {}
_READING = threading.Lock()


def append(folder: Path, act: str, machine: str = "", **facts: Any) -> Line:
    """Write a line, durably: when this returns, it outlives a power cut."""
    line = Line(time.time(), who(), act, machine, facts)
    text = json.dumps(plain(line), ensure_ascii=False, allow_nan=False)
    try:
        _write(folder / FILE, text.encode("utf-8", "backslashreplace") + b"\n")
    except PermissionError as error:
        raise Denied(f"{error.filename}: {error.strerror}", hint="acts that cost are written there first") from None
    except OSError as error:
        raise durable.trouble(error, folder / FILE, ", so nothing that costs is done") from None
    return line


def read(folder: Path, *, machine: str = "", since: float = 0.0) -> Record:
    """What was written, all of it or that of one machine; a damaged line is named and takes no other with it."""
    record = _known(folder / FILE)
    if not machine and not since:
        return record
    lines = (line for line in record.lines if machine in ("", line.machine) and line.at >= since)
    return Record(tuple(lines), record.damaged)


def plain(line: Line) -> dict[str, Any]:
    """A line as JSON has it."""
    return {"at": line.at, "who": line.who, "act": line.act, "machine": line.machine, **line.facts}


def who() -> str:
    """Somebody at this computer."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        name = str(os.getuid())
    return f"{name}@{socket.gethostname()}"


def _write(path: Path, line: bytes) -> None:
    new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        _add(file, line)
        os.fsync(file)
    finally:
        os.close(file)
    if new:
        _flush(path.parent)


def _add(file: int, line: bytes) -> None:
    """Append whole or not at all, and on a line of its own where a writer before us was killed within his."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        line = b"\n" + line
    try:
        while line:
            line = line[os.write(file, line) :]
    except OSError:
        os.ftruncate(file, size)
        raise


def _flush(folder: Path) -> None:
    """The name of a new file is on the disk only when its folder is."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _known(path: Path) -> Record:
    """All of a file that only grows: what was read of it before is not read again."""
    with _READING:
        known = _READ.get(path, _NOTHING)
        try:
            with path.open("rb") as file:
                file.seek(known.offset - len(known.tail))
                fresh = file.read()
                if not fresh.startswith(known.tail):  # somebody has put another file there
                    known = _NOTHING
                    file.seek(0)
                    fresh = file.read()
        except FileNotFoundError:
            return Record(())
        now = _READ[path] = _further(path, known, fresh.removeprefix(known.tail))
    return now.record


def _further(path: Path, known: _Read, fresh: bytes) -> _Read:
    """What is known with the lines that came; one without its end is not kept, since it may still grow."""
    whole = fresh[: fresh.rfind(b"\n") + 1]
    lines, damaged = list(known.record.lines), list(known.record.damaged)
    raws = whole.split(b"\n")[:-1]
    for number, raw in enumerate(raws, start=known.count + 1):
        if line := _parse(raw):
            lines.append(line)
        elif raw:
            damaged.append(f"{path}, line {number}: not a line of an audit: {raw[:60]!r}")
    record = Record(tuple(lines), tuple(damaged))
    return _Read(known.offset + len(whole), known.count + len(raws), (known.tail + whole)[-TAIL:], record)


def _parse(raw: bytes) -> Line | None:
    try:
        known = json.loads(raw)
        at, who, act, machine = (known.pop(name) for name in ("at", "who", "act", "machine"))
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None
    if not isinstance(at, int | float) or not all(isinstance(text, str) for text in (who, act, machine)):
        return None
    return Line(float(at), who, act, machine, known)
