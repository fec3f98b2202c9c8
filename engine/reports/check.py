"""A report read again: each of its numbers held against the artifact that it came from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine import references
from engine.errors import DataError
from engine.reports import claims, origin
from engine.reports.claims import Claim
from engine.reports.number import told
from engine.reports.origin import Reader
from engine.workspace import Workspace


@dataclass(frozen=True)
class Fault:
    """A number of a report that is not what its origin says now."""

    line: int
    text: str
    origin: str
    words: str


@dataclass(frozen=True)
class Checked:
    """A report that was read again."""

    file: Path
    numbers: int
    faults: tuple[Fault, ...]

    def to_json(self) -> dict[str, Any]:
        faults = [asdict(one) for one in self.faults]
        return {"file": str(self.file), "numbers": self.numbers, "matches": not faults, "faults": faults}


def check(workspace: Workspace, file: Path) -> Checked:
    """All numbers of a report; DataError where it is none."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: cannot be read: {error}", hint="a report.md or report.html") from None
    found = claims.of_text(text)
    if not any(one.origin for one in found):
        raise DataError(f"{file}: has no number with an origin", hint="footplate run report makes reports")
    reader = Reader(lambda reference: references.resolve(workspace, reference))
    judged = [(one, _fault(reader, one)) for one in found]
    faults = tuple(Fault(one.line, one.text, one.origin, words) for one, words in judged if words)
    return Checked(file, len(found), faults)


def _fault(reader: Reader, one: Claim) -> str:
    """What is wrong with a number; empty where nothing is."""
    if not one.origin:
        return "comes from no artifact"
    try:
        value = reader.value(origin.parse(one.origin))
    except DataError as error:
        return f"cannot be read any more: {error.message}"
    if one.text != told(value):
        return f"the artifact says {told(value)}"
    if one.exact != json.dumps(value):  # 1 and 1.0 look alike in Python, and not in a file
        return f"is {one.exact} in the report, and {json.dumps(value)} in the artifact"
    return ""
