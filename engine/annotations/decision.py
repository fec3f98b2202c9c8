"""What a coder decided about one variable of one frame, and how that is written as a line."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

from engine.errors import DataError

CANT_TELL = "can't tell"  # a decision as much as a label is
BLANK = ""  # seen and saved with nothing chosen; no decision at all means: unseen
REMARK = "*"  # in place of a variable: a flag or a note to the frame as a whole, newest wins; it decides nothing
UNDO = "undo"
KINDS = ("code", "repeat", "adjudication", "import", UNDO)
CODED = ("code", "import")  # what a coder says of a frame; repeats and adjudications are read apart


class Unit(NamedTuple):
    """A frame, which is what is labelled."""

    video_id: str
    frame_index: int


@dataclass(frozen=True)
class Decision:
    """One entry of the log.

    Attributes:
        value: a label, CANT_TELL or BLANK.
        at: seconds since 1970; below 1 where nobody knows when, as in an imported table without times.
        kind: code; repeat, a hidden second look at an own frame; adjudication; import; or undo, which takes `act` back.
        act: shared by all decisions of one key press.
        key: unique over all machines, so that two logs merge as a union of keys.
        position: its place in the coder's queue, from 0.
        seconds: how long the coder took.
        shown: how the picture was shown.
        reason: that of an adjudication.
    """

    coder: str
    unit: Unit
    variable: str
    value: str
    at: float
    note: str = ""
    flagged: bool = False
    kind: str = "code"
    act: str = ""
    key: str = ""
    position: int | None = None
    seconds: float | None = None
    shown: str = ""
    reason: str = ""

    @property
    def cell(self) -> tuple[str, str, int, str]:
        """What can hold one value only: a variable of a unit as one coder sees it."""
        return (self.coder, *self.unit, self.variable)


_TEXTS = [field.name for field in fields(Decision) if field.type == "str"]
_NAMES = {field.name for field in fields(Decision)} - {"unit"} | {"video_id", "frame_index"}


def to_line(decision: Decision) -> str:
    """A decision as a line of JSON, the same bytes on every machine; what has its default is left out."""
    raw = asdict(decision)
    raw["video_id"], raw["frame_index"] = raw.pop("unit")
    kept = {name: value for name, value in raw.items() if value or name in ("coder", "value", "at", "frame_index")}
    for name in ("position", "seconds"):
        if raw[name] is not None:
            kept[name] = raw[name]
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, allow_nan=False)


def from_line(line: str | bytes) -> Decision:
    """The decision of a line.

    Raises:
        DataError: it is none, and why.
    """
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"not a line of JSON: {error}") from None
    if not isinstance(raw, dict):
        raise DataError(f"expected an object, got {type(raw).__name__}")
    known: dict[str, Any] = {name: value for name, value in raw.items() if name in _NAMES}
    unit = Unit(known.pop("video_id", ""), known.pop("frame_index", 0))
    values: dict[str, Any] = {"coder": "", "variable": "", "value": "", "at": None, **known}
    decision = Decision(unit=unit, **values)
    if fault := fault_of(decision):
        raise DataError(fault)
    if not decision.key:
        raise DataError("no key, so it could not be told from a copy of itself")
    return decision


def fault_of(decision: Decision) -> str:
    """What keeps a decision out of the log; empty where nothing does."""
    for name in _TEXTS:
        value = getattr(decision, name)
        if not isinstance(value, str):
            return f"{name} is {value!r}, expected a text"
        if not _writable(value):
            return f"{name} is {value!r}, which UTF-8 cannot hold"
    checks = (_number_fault, _subject_fault)
    return next((fault for check in checks if (fault := check(decision))), "")


def _number_fault(decision: Decision) -> str:
    for name in ("at", "seconds"):
        value = getattr(decision, name)
        if value is None and name == "seconds":
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
            return f"{name} is {value!r}, expected seconds, 0 or more"
    if decision.position is not None and not whole(decision.position):
        return f"position is {decision.position!r}, expected a whole number from 0 on"
    return "" if isinstance(decision.flagged, bool) else f"flagged is {decision.flagged!r}, expected true or false"


def _subject_fault(decision: Decision) -> str:
    if not decision.coder or decision.coder != decision.coder.strip():
        return f"coder is {decision.coder!r}, expected a name without spaces around it"
    if decision.kind not in KINDS:
        return f"kind is {decision.kind!r}, expected one of: {', '.join(KINDS)}"
    if decision.kind == UNDO:
        return "" if decision.act else "an undo that names no act"
    video_id, frame_index = decision.unit
    if not isinstance(video_id, str) or not video_id or not _writable(video_id):
        return f"video_id is {video_id!r}, expected a text"
    if not whole(frame_index):
        return f"frame_index is {frame_index!r}, expected a whole number from 0 on"
    return "" if decision.variable else "no variable"


def whole(value: object) -> bool:
    """Whether something is a whole number from 0 on that a database can hold."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
