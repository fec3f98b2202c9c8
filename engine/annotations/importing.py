"""Takes a wide table of labels into the log: what it knows already is not added again, and the newer wins."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.annotations import frames
from engine.annotations.decision import BLANK, REMARK, Decision, to_line
from engine.annotations.given import codebook
from engine.annotations.log import Log
from engine.annotations.reading import Rejected, Rules, read
from engine.annotations.table import UNDATED, Row, row
from engine.errors import DataError
from engine.workspace import Workspace

_TICK_S = 1e-6
# A row that was edited in a spreadsheet has the moment of what it corrects: it comes a tick later, and so wins.
_EDITS_S = 1e-5


@dataclass(frozen=True)
class Imported:
    """What became of a table.

    Attributes:
        added: rows that told the log something new.
        known: rows that it held already.
        older: those of the added that are history only, since the log holds something newer.
        rejected: lines that were left out, and why.
        notes: what is worth knowing besides.
    """

    added: int
    known: int
    older: int
    rejected: list[Rejected]
    notes: list[str]

    @property
    def accepted(self) -> int:
        """Rows that are in the log now."""
        return self.added + self.known


def rules(workspace: Workspace, now: float) -> Rules:
    """What tables are held against in a workspace; frames only where frames.csv lists them."""
    settings, known = workspace.settings, dict[str, list[int]]()
    for unit in sorted(frames.read(workspace.frames)) if workspace.frames.exists() else ():
        known.setdefault(unit.video_id, []).append(unit.frame_index)
    return Rules(codebook(settings), now, settings.coders, known)


def import_csv(path: Path, log: Log, rules: Rules, *, dry_run: bool = False) -> Imported:
    """Import a file; with `dry_run` nothing is written.

    Raises:
        DataError: it cannot be read, or is no such table.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", hint="name an existing CSV file") from None
    return import_bytes(data, str(path), log, rules, dry_run=dry_run)


def import_bytes(data: bytes, source: str, log: Log, rules: Rules, *, dry_run: bool = False) -> Imported:
    """Import a table, all of what can be used in one transaction.

    A row without a moment never wins over a decision that has one; of two such rows the one that comes later wins.
    """
    found = read(data, source, rules)
    new: list[Decision] = []
    added = older = 0
    for _, one in found.rows:
        decisions = _news(log, one)
        added += bool(decisions)
        older += bool(decisions) and _beaten(log, decisions)
        new += decisions
    if new and not dry_run:
        log.merge(new)
    return Imported(added, len(found.rows) - added, older, found.rejected, found.notes)


def _news(log: Log, told: Row) -> list[Decision]:
    """The decisions of a row; none where the log says the same of that moment, or, without one, says it now."""
    if told.at >= UNDATED:
        then = log.newest(coder=told.coder, unit=told.unit, as_of=told.at + _EDITS_S)
    else:
        if _says(log.newest(coder=told.coder, unit=told.unit), told):
            return []
        then = log.newest(coder=told.coder, unit=told.unit, as_of=UNDATED - _TICK_S)  # though something newer stands
    if _says(then, told):
        return []
    latest = max((one.at for one in then if one.at >= told.at), default=None)
    return _decisions(told if latest is None else replace(told, at=round(latest + _TICK_S, 6)))


def _says(standing: list[Decision], told: Row) -> bool:
    """Whether decisions say what a row says; a row without note and flag says nothing of these."""
    if not standing:
        return False
    known = row(standing)
    same = all(known.values.get(name) == value for name, value in told.values.items())
    return same and told.note in ("", known.note) and told.flagged in (False, known.flagged)


def _beaten(log: Log, decisions: list[Decision]) -> bool:
    """Whether the log holds something newer of each cell."""
    newest = {one.cell: one.at for one in log.newest(coder=decisions[0].coder, unit=decisions[0].unit)}
    return all(newest.get(one.cell, -1.0) > one.at for one in decisions)


def _decisions(told: Row) -> list[Decision]:
    """Their keys come from what they say, so the same row has the same keys on every machine."""
    remark = {REMARK: BLANK} if told.note or told.flagged else {}
    values: Mapping[str, str] = {**told.values, **remark}
    plain = [
        Decision(told.coder, told.unit, name, value, told.at, told.note, told.flagged, "import")
        for name, value in values.items()
    ]
    act = _hash("\n".join(map(to_line, plain)))
    return [replace(one, act=act, key=_hash(act + one.variable)) for one in plain]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
