"""What a run says: small records, written as JSON lines and read from an offset."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from engine.records import finite, fitting


@dataclass(frozen=True, slots=True)
class Event:
    """One line of `events.jsonl`; `at` is in seconds since 1970."""

    kind: ClassVar[str]
    at: float = field(default_factory=time.time, kw_only=True)


@dataclass(frozen=True, slots=True)
class Phase(Event):
    """A new part of the job has begun."""

    kind: ClassVar[str] = "Phase"
    name: str


@dataclass(frozen=True, slots=True)
class Progress(Event):
    """`done` of `total` units of the present phase; a total of 0 means that nobody knows."""

    kind: ClassVar[str] = "Progress"
    done: int
    total: int = 0
    unit: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Metric(Event):
    """A number: with a step it is a point of a curve, without one it is a result."""

    kind: ClassVar[str] = "Metric"
    name: str
    value: float
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Note(Event):
    """Something worth reading: info, warning or error."""

    kind: ClassVar[str] = "Note"
    text: str
    level: str = "info"


@dataclass(frozen=True, slots=True)
class Flag(Event):
    """A red flag about the science (overfitting, too few samples), which stays with the run."""

    kind: ClassVar[str] = "Flag"
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding(Event):
    """A sentence of the result, which stays with the run; the newest one of a name takes the place of the others."""

    kind: ClassVar[str] = "Finding"
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Artifact(Event):
    """A file that the run has made, complete, with its hash."""

    kind: ClassVar[str] = "Artifact"
    name: str
    about: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Gpu(Event):
    """One GPU as the run sees it; memory in bytes, utilisation in percent."""

    kind: ClassVar[str] = "Gpu"
    index: int
    name: str
    percent: float
    memory_used: int
    memory_total: int
    temperature_c: float = 0.0
    power_w: float = 0.0


@dataclass(frozen=True, slots=True)
class Host(Event):
    """Processor (100 = one core) and memory in bytes of the run's own processes, and memory of the machine."""

    kind: ClassVar[str] = "Host"
    percent: float
    memory_used: int
    machine_used: int
    machine_total: int
    cores: int = 0  # of the machine; 0 where an older version did not tell


@dataclass(frozen=True, slots=True)
class Failure(Event):
    """Why the job ended without success."""

    kind: ClassVar[str] = "Failure"
    error: str
    message: str
    hint: str = ""
    stopped: bool = False


KINDS: dict[str, type[Event]] = {
    cls.kind: cls for cls in (Phase, Progress, Metric, Note, Flag, Finding, Artifact, Gpu, Host, Failure)
}


def to_line(event: Event) -> bytes:
    """One JSON line; a number that is not finite is written as text, since JSON has no word for it."""
    record = {"kind": event.kind, **{name: finite(value) for name, value in asdict(event).items()}}
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    # A file's name that is not UTF-8 reaches us as lone surrogates; as \udcff they are JSON like any other.
    return text.encode("utf-8", "backslashreplace") + b"\n"


def from_line(line: bytes) -> Event | None:
    """The event of a line, or None where the line is damaged or of a kind that this version does not know."""
    try:
        record: dict[str, Any] = json.loads(line)
        cls = KINDS[record["kind"]]
        return cls(**fitting(cls, record))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def read(path: Path, offset: int = 0, limit: int = 4 << 20) -> tuple[list[Event], int]:
    """Events from `offset` on, at most `limit` bytes of them, and the offset to go on from."""
    data, offset = whole_lines(path, offset, limit)
    found = (from_line(line) for line in data.split(b"\n") if line)
    return [event for event in found if event is not None], offset


def whole_lines(path: Path, offset: int, limit: int) -> tuple[bytes, int]:
    """Lines from `offset` on, without the end of the last one, and the offset to go on from.

    A last line without its end is still being written, and is left for the next call.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(limit)
            if len(data) == limit and b"\n" not in data:
                data += file.readline()  # one line is longer than that, and must not be in the way for ever
    except FileNotFoundError:
        return b"", offset
    whole, end, _half = data.rpartition(b"\n")
    return whole, offset + len(whole) + len(end)
