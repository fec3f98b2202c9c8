"""The wide table of labels, `annotations.csv`: a row for each coder and frame, a column for each variable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine import tables
from engine.annotations.decision import BLANK, REMARK, Decision, Unit
from engine.annotations.log import Log

FIRST = ("annotator", "video_id", "frame_index")
LAST = ("note", "flagged", "annotated_at")
UNSEEN = "(unseen)"  # a variable on which the coder has not decided; an empty cell is one that was left blank
FLAGGED = "yes"
UNDATED = 1.0  # moments below this are those of tables that do not say when


@dataclass(frozen=True)
class Row:
    """What a coder says of a frame.

    Attributes:
        values: by variable a label, "can't tell" or ""; a variable that is not there is unseen.
        at: the newest moment of all that; 0 where nobody knows.
    """

    coder: str
    unit: Unit
    values: Mapping[str, str]
    note: str = ""
    flagged: bool = False
    at: float = 0.0


def rows(log: Log, variables: Sequence[str], *, as_of: float | None = None) -> list[Row]:
    """All rows of a log, by coder, video and frame."""
    found: dict[tuple[str, Unit], list[Decision]] = {}
    for one in log.newest(as_of=as_of):
        if one.variable in variables or one.variable == REMARK:
            found.setdefault((one.coder, one.unit), []).append(one)
    return [row(decisions) for decisions in found.values()]


def row(decisions: Sequence[Decision]) -> Row:
    """The row of one coder's newest decisions on one frame; note and flag are the remark's, where there is one."""
    newest = max(decisions, key=lambda one: (one.variable == REMARK, one.at, one.key))
    values = {one.variable: one.value for one in decisions if one.variable != REMARK}
    at = max(one.at for one in decisions)
    return Row(newest.coder, newest.unit, values, newest.note, newest.flagged, at)


def export_csv(path: Path, log: Log, variables: Sequence[str], *, as_of: float | None = None) -> int:
    """Write the table of a log, whole; how many rows it has."""
    found = rows(log, variables, as_of=as_of)
    with tables.writer(path, columns(variables)) as table:
        for one in found:
            table.write(*cells(one, variables))
    return len(found)


def text(found: Iterable[Row], variables: Sequence[str]) -> str:
    """The same table as a text."""
    return tables.text(columns(variables), (cells(one, variables) for one in found))


def columns(variables: Sequence[str]) -> list[str]:
    """The header."""
    return [*FIRST, *variables, *LAST]


def cells(one: Row, variables: Sequence[str]) -> list[str]:
    """A row as it stands in the file."""
    values = [one.values.get(name, UNSEEN) for name in variables]
    return [one.coder, one.unit.video_id, str(one.unit.frame_index), *values, one.note,
            FLAGGED if one.flagged else BLANK, written(one.at)]  # fmt: skip


def written(at: float) -> str:
    """A moment to the microsecond, in UTC; empty where nobody knows it."""
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z") if at >= UNDATED else ""
