"""A recording, read whole: what was told, in the order of its time."""

from __future__ import annotations

import json
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from engine.errors import FootplateError
from engine.words import size
from engine.workspace import home
from tui.services.recording.patch import patched
from tui.services.recording.question import Question
from tui.services.recording.tape import FORMAT, MARK

T = TypeVar("T")
TOGETHER_S = 0.05
MOST_BYTES = 1 << 29  # of an unpacked recording: no file that we wrote is nearly as large


@dataclass
class Line(Generic[T]):
    """Things that were told one after another, each with its time."""

    times: list[float] = field(default_factory=list)
    items: list[T] = field(default_factory=list)

    def add(self, at: float, item: T) -> None:
        self.times.append(at)
        self.items.append(item)

    def count(self, at: float) -> int:
        """How many had been told by a time."""
        return bisect_right(self.times, at)

    def last(self, at: float) -> T | None:
        """The newest by a time."""
        count = self.count(at)
        return self.items[count - 1] if count else None

    def next_time(self, at: float) -> float | None:
        """When the next one follows."""
        count = self.count(at)
        return self.times[count] if count < len(self.times) else None


class Moments:
    """The times at which something was told; what came almost together counts as one."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._first = 0.0  # when that began which counts as the last one

    def add(self, at: float) -> None:
        if self._times and at - self._first < TOGETHER_S:
            self._times[-1] = at
        else:
            self._first = at
            self._times.append(at)

    def after(self, at: float) -> float:
        place = bisect_right(self._times, at)
        return self._times[place] if place < len(self._times) else at

    def before(self, at: float) -> float:
        place = bisect_left(self._times, at)
        return self._times[place - 1] if place else 0.0


@dataclass
class RunLines:
    """What one run told, as it stands in the file."""

    status: Line[Any] = field(default_factory=Line)
    events: Line[bytes] = field(default_factory=Line)  # whole lines of events.jsonl, the last one without its end
    log: Line[Any] = field(default_factory=Line)
    gone: Line[str] = field(default_factory=Line)


@dataclass
class Recording:
    """All of it."""

    header: dict[str, Any]
    runs: Line[dict[str, Any]] = field(default_factory=Line)
    each: dict[str, RunLines] = field(default_factory=dict)
    answers: dict[Question, Line[Any]] = field(default_factory=dict)
    keys: Line[str] = field(default_factory=Line)
    where: Line[Any] = field(default_factory=Line)
    tellings: Line[Any] = field(default_factory=Line)
    troubles: list[str] = field(default_factory=list)  # what is wrong with the file, each with its place
    moments: Moments = field(default_factory=lambda: Moments())
    length_s: float = 0.0

    @property
    def began_at(self) -> float:
        """When it began, in seconds since 1970."""
        return float(self.header.get("at", 0.0))

    def take(self, line: dict[str, Any]) -> None:
        """One line; one of a kind that this version does not know is passed over."""
        at = self.length_s = max(self.length_s, float(line["t"]))
        self.moments.add(at)
        match line["kind"]:
            case "runs":
                self.runs.add(at, line)
            case "status":
                status = self._run(line).status
                before = status.items[-1] if status.items else {}
                status.add(at, line["all"] if "all" in line else patched(before, line["changed"]))
            case "events":
                self._run(line).events.add(at, line["lines"].encode("utf-8", "surrogateescape"))
            case "log":
                self._run(line).log.add(at, line)
            case "gone":
                self._run(line).gone.add(at, line["words"])
            case "answer":
                asked = Question(line["of"], tuple(line["about"]))
                self.answers.setdefault(asked, Line()).add(at, line)
            case "key":
                self.keys.add(at, line["key"])
            case "told":
                self.tellings.add(at, line["tellings"])
            case "where":
                before = self.where.items[-1] if self.where.items else {}
                self.where.add(at, patched(before, line["changed"]))
            case "full":
                self.troubles.append("the recording had reached its limit: what came after it was not kept")

    def _run(self, line: dict[str, Any]) -> RunLines:
        return self.each.setdefault(line["run"], RunLines())


def read(name: str) -> Recording:
    """The recording in a file.

    Raises:
        FootplateError: it cannot be read, or is no recording, or one of a later version.
    """
    path = home(Path(name))
    try:
        lines = _unpacked(path).split(b"\n")
    except (OSError, zlib.error) as error:
        raise FootplateError(f"{path}: cannot be read: {error}", hint="footplate --record FILE makes one") from None
    found = Recording(_header(path, lines[0]))
    for number, line in enumerate(lines[1:], start=2):
        if line:
            _take(found, path, number, line, last=number == len(lines))
    return found


def _take(found: Recording, path: Path, number: int, line: bytes, *, last: bool) -> None:
    try:
        found.take(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if not last:  # who was killed while writing leaves half a line at the end
            found.troubles.append(f"{path.name}:{number}: damaged, passed over ({type(error).__name__}: {error})")


def _header(path: Path, line: bytes) -> dict[str, Any]:
    try:
        header = json.loads(line)
        format_ = header[MARK]
    except (ValueError, KeyError, TypeError):
        raise FootplateError(f"{path}:1: no recording of Footplate", hint="footplate --record FILE makes one") from None
    if not isinstance(format_, int) or format_ > FORMAT:
        raise FootplateError(f"{path}:1: format {format_} is of a later version", hint="a newer Footplate reads it")
    return dict(header)


def _unpacked(path: Path) -> bytes:
    """What is in the file; of one that was being packed when its writer was killed, all that is whole."""
    data = b"".join(_pieces(path))
    if len(data) > MOST_BYTES:
        raise OSError(f"it holds more than {size(MOST_BYTES)}")
    return data


def _pieces(path: Path) -> Iterator[bytes]:
    raw = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
    if not raw and path.stat().st_size:
        raise OSError(f"it is larger than {size(MOST_BYTES)}")
    if raw[:2] != b"\x1f\x8b":
        yield raw
        return
    unpacker = zlib.decompressobj(wbits=31)
    yield unpacker.decompress(raw, MOST_BYTES + 1)
