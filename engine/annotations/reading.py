"""Reads the wide table of labels as people bring it: what cannot be used is named by its line, the rest is used."""

from __future__ import annotations

import csv
import difflib
import io
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from engine.annotations.decision import BLANK, CANT_TELL, Unit
from engine.annotations.frames import unit_of
from engine.annotations.table import FIRST, LAST, UNSEEN, Row
from engine.errors import DataError

DAY_S = 86400.0  # a clock that is a day ahead is wrong
YES, NO = ("yes", "true", "1", "x"), ("", "no", "false", "0")


class Rejected(NamedTuple):
    """A line that was left out, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class Rules:
    """What a table is held against.

    Attributes:
        codebook: the labels of each variable.
        coders: who may be named; anybody where it is empty.
        frames: of each video the places of its frames, ascending; any where it is empty.
        now: the present moment; nothing can be labelled after it.
    """

    codebook: Mapping[str, Sequence[str]]
    now: float
    coders: Collection[str] = ()
    frames: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass
class Read:
    """The rows of a table with their lines, the lines that were left out, and what is worth knowing besides."""

    rows: list[tuple[int, Row]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(data: bytes, source: str, rules: Rules) -> Read:
    """The rows of a table.

    Raises:
        DataError: it has no header of such a table, so that nothing in it can be understood.
    """
    found = Read()
    lines = _lines(_decoded(data, source), found.rejected)
    header = _header(next(lines, (1, []))[1], source, rules, found.notes)
    kept: dict[tuple[str, Unit], list[tuple[int, Row]]] = {}
    for line, cells in lines:
        row = _row(cells, header, rules)
        if isinstance(row, Row):
            found.rejected += _among(kept.setdefault((row.coder, row.unit), []), line, row)
        else:
            found.rejected.append(Rejected(line, row))
    found.rows = sorted((told for several in kept.values() for told in several), key=lambda told: told[0])
    found.rejected.sort()
    return found


def _among(kept: list[tuple[int, Row]], line: int, row: Row) -> list[Rejected]:
    """Keep a row beside those of the same coder and frame; what is left out for that, the row itself or older ones."""
    if same := [before for before, other in kept if other == row]:
        return [Rejected(line, f"the same as line {same[0]}")]
    against = [(before, other) for before, other in kept if _contradict(row, other)]
    if newer := [before for before, other in against if other.at > row.at]:
        return [Rejected(line, f"line {newer[0]} says otherwise of the same coder and frame, and is newer")]
    kept[:] = [told for told in kept if told not in against] + [(line, row)]
    return [
        Rejected(before, f"line {line} says otherwise of the same coder and frame, and "
                 f"{'is newer' if row.at > other.at else 'comes later'}")
        for before, other in against
    ]  # fmt: skip


def _contradict(one: Row, other: Row) -> bool:
    """Whether both decide the same and differently; without note and flag a row says nothing of these."""
    remarks = [(row.note, row.flagged) for row in (one, other)]
    if remarks[0] != remarks[1] and all(map(any, remarks)):
        return True
    return any(other.values.get(name, value) != value for name, value in one.values.items())


def _decoded(data: bytes, source: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{source}: in UTF-16", hint="save it as CSV in UTF-8")
    return data.decode("utf-8-sig", "surrogateescape")  # a row with bytes of another encoding is named later


def _lines(text: str, rejected: list[Rejected]) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, each with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            rejected.append(Rejected(start, _broken(start, reader.line_num, error)))
            continue
        if any(cell.strip() for cell in cells):
            yield start, cells


def _broken(start: int, end: int, error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return f"a quote is opened and never closed, so nothing can be read from here to line {end}"
    return f"not CSV: {error}"


def _header(cells: Sequence[str], source: str, rules: Rules, notes: list[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    if len(header) == 1 and any(sign in header[0] for sign in ";\t"):
        raise DataError(f"{source}: its cells are not separated by commas", hint="save it as CSV with commas")
    if missing := [name for name in FIRST if name not in header]:
        raise DataError(
            f"{source}: no column {', '.join(missing)}", hint=f"its first line has: {', '.join(header) or 'nothing'}"
        )
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise DataError(f"{source}: names a column twice: {', '.join(twice)}")
    if not set(header) & rules.codebook.keys():
        raise DataError(f"{source}: no column of a variable", hint=f"there are: {', '.join(rules.codebook) or 'none'}")
    notes += [
        f"column {name!r} is no variable of workspace.yaml: left out{_meant(name, rules.codebook)}"
        for name in header
        if name not in (*FIRST, *LAST, *rules.codebook)
    ]
    notes += [f"no column {name!r}: unseen in all rows" for name in rules.codebook if name not in header]
    return header


def _row(cells: Sequence[str], header: Sequence[str], rules: Rules) -> Row | str:
    if len(cells) != len(header):
        return f"{len(cells)} cells, but the header names {len(header)} columns"
    if any("\ud800" <= sign <= "\udfff" for cell in cells for sign in cell):
        return "not in UTF-8"
    cell = dict(zip(header, cells, strict=True))
    coder, unit, at = cell["annotator"].strip(), unit_of(cell["video_id"], cell["frame_index"]), _moment(cell)
    flagged = _flagged(cell.get("flagged", ""))
    values = {name: _value(cell[name]) for name in rules.codebook if cell.get(name, UNSEEN).strip() != UNSEEN}
    faults = [_coder_fault(coder, rules), *_value_faults(values, rules), *_moment_faults(at, rules.now)]
    faults += [found for found in (unit, at, flagged) if isinstance(found, str)]
    if isinstance(unit, Unit) and rules.frames:
        faults.append(_frame_fault(unit, rules.frames))
    if any(faults) or isinstance(unit, str) or isinstance(at, str) or isinstance(flagged, str):
        return "; ".join(fault for fault in faults if fault)
    return Row(coder, unit, values, cell.get("note", ""), flagged, at)


def _value(cell: str) -> str:
    value = cell.strip()
    return CANT_TELL if value.replace("’", "'") == CANT_TELL else value


def _value_faults(values: Mapping[str, str], rules: Rules) -> list[str]:
    return [
        f"{name} is {value!r}, which is no label{_meant(value, rules.codebook[name])}"
        for name, value in values.items()
        if value not in (BLANK, CANT_TELL, *rules.codebook[name])
    ]


def _coder_fault(coder: str, rules: Rules) -> str:
    if not coder:
        return "annotator is empty"
    if rules.coders and coder not in rules.coders:
        return f"workspace.yaml: coders does not name {coder!r}{_meant(coder, rules.coders)}"
    return ""


def _frame_fault(unit: Unit, frames: Mapping[str, Sequence[int]]) -> str:
    """Why a frame is none of the study; empty where it is one."""
    if unit.video_id not in frames:
        return f"no video {unit.video_id!r} in frames.csv{_meant(unit.video_id, frames)}"
    known = frames[unit.video_id]
    near = known[max(bisect_left(known, unit.frame_index) - 1, 0) :][:2]  # the one before, and the next one
    if unit.frame_index in near:
        return ""
    nearest = min(near, key=lambda index: abs(index - unit.frame_index))
    return f"no frame {unit.frame_index} of {unit.video_id!r} in frames.csv; the nearest is {nearest}"


def _flagged(cell: str) -> bool | str:
    word = cell.strip().casefold()
    return word in YES if word in (*YES, *NO) else f"flagged is {cell!r}, expected yes or nothing"


def _moment(cell: Mapping[str, str]) -> float | str:
    """Seconds since 1970, 0 where nothing is said; without a zone it is UTC, so that all machines read the same."""
    text = cell.get("annotated_at", "").strip()
    try:
        when = datetime.fromisoformat(text) if text else datetime.fromtimestamp(0, UTC)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return f"annotated_at is {text!r}, expected a moment as 2026-11-22T14:30:00Z"


def _moment_faults(at: float | str, now: float) -> list[str]:
    if isinstance(at, str) or 0 <= at <= now + DAY_S:
        return []
    return ["annotated_at lies in the future" if at > 0 else "annotated_at lies before 1970"]


def _meant(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are: {', '.join(sorted(known)[:20])}"
