"""The log of decisions: appended to by many processes at once, never changed; the newest that stands wins."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.annotations.database import COLUMNS, connect, explained, patiently, writing
from engine.annotations.decision import CODED, REMARK, UNDO, Decision, Unit, fault_of
from engine.errors import DataError

MADE_HERE = ("code", "repeat")  # what undo takes back, where nobody says otherwise
_TICK_S = 1e-6
_INSERT = f"INSERT INTO decisions ({COLUMNS}) VALUES ({', '.join('?' * 15)}) ON CONFLICT (key) DO NOTHING"
_STANDS = "NOT EXISTS (SELECT 1 FROM decisions u WHERE u.kind = 'undo' AND u.act = d.act AND u.at <= :as_of)"
_BEGINNING_OF_NEVER = 1e18


class Log:
    """A workspace's decisions.

    Of each cell (coder, unit, variable) the newest by `at` wins, equals by key, so that merged logs agree everywhere
    whatever the order in which they met. A clock that was set back changes nothing: what is added here is always
    newer than what its coder did before.
    """

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self.path = path
        self._database = database
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path, *, readonly: bool = False) -> Log:
        """The log in a file, which is made where it is missing; with `readonly` nothing is ever written.

        Raises:
            DataError: the file is damaged, or of a newer footplate.
            WorkspaceError: it cannot be written.
        """
        return cls(path, connect(path, readonly=readonly))

    def __enter__(self) -> Log:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._database.close()

    # --- what changes it ------------------------------------------------------------------------------------------

    def add(self, decisions: Sequence[Decision]) -> None:
        """Append what was decided just now, all or nothing; when this returns it outlives a power cut.

        Decisions without an act become one act, those without a key get one; a key that is there already is not added
        again.
        """
        act = uuid.uuid4().hex
        new = [replace(one, act=one.act or act, key=one.key or uuid.uuid4().hex) for one in decisions]
        self._write(lambda: sum(self._insert([self._timed(one)]) for one in new), new)

    def merge(self, decisions: Sequence[Decision]) -> int:
        """Append what another log or a table holds, as it is; how many were not there yet. Each has to have a key."""
        if any(not one.key or not one.act for one in decisions):
            raise ValueError("a decision without key or act can only be added")
        return self._write(lambda: self._insert(decisions), decisions)

    def undo(self, coder: str, at: float, kinds: Collection[str] = MADE_HERE) -> list[Decision]:
        """Take back the coder's newest act that stands; its decisions, none where nothing is left."""

        def take_back() -> list[Decision]:
            act = self._newest_act(coder, kinds)
            if act is None:
                return []
            taken = self._select("act = :act AND kind <> 'undo'", {"act": act})
            since = max(at, *(one.at for one in taken))
            key = uuid.uuid4().hex
            self._insert([Decision(coder, Unit("", 0), "", "", since, kind=UNDO, act=act, key=key)])
            return taken

        return list(self._transaction(take_back))

    def _newest_act(self, coder: str, kinds: Collection[str]) -> str | None:
        names, values = _listed("kind", kinds)
        found = self._database.execute(
            f"""SELECT act FROM decisions d WHERE coder = :coder AND kind NOT IN ('import', 'undo')
            AND kind IN ({names}) AND {_STANDS} ORDER BY at DESC, id DESC LIMIT 1""",
            {"coder": coder, "as_of": _BEGINNING_OF_NEVER, **values},
        ).fetchone()
        return None if found is None else str(found[0])

    def _timed(self, new: Decision) -> Decision:
        """With a moment after everything that its coder did here, and after what the cell holds."""
        (mine,) = self._database.execute(
            """SELECT at FROM decisions WHERE coder = ? AND kind NOT IN ('import', 'undo') AND act <> ?
            ORDER BY at DESC LIMIT 1""",
            (new.coder, new.act),
        ).fetchone() or (0.0,)
        (same,) = self._database.execute(
            "SELECT max(at) FROM decisions WHERE coder = ? AND video_id = ? AND frame_index = ? AND variable = ?",
            new.cell,
        ).fetchone()
        before = max(mine, same or 0.0)
        return replace(new, at=round(max(new.at, before + _TICK_S), 6))

    def _insert(self, decisions: Sequence[Decision]) -> int:
        before = self._database.total_changes
        self._database.executemany(_INSERT, map(_row, decisions))
        return self._database.total_changes - before

    def _write(self, do: Any, decisions: Sequence[Decision]) -> int:
        for one in decisions:
            if fault := fault_of(one):
                raise DataError(f"{self.path}: not saved: {fault}", hint=f"the decision was {one}")
        return int(self._transaction(do)) if decisions else 0

    def _transaction(self, do: Any) -> Any:
        def once() -> Any:
            with self._lock, writing(self._database):
                return do()

        return patiently(self.path, once)

    # --- what is asked of it --------------------------------------------------------------------------------------

    def newest(
        self,
        *,
        coder: str | None = None,
        unit: Unit | None = None,
        kinds: Collection[str] = CODED,
        as_of: float | None = None,
    ) -> list[Decision]:
        """Of each cell the newest decision that stands, or stood at a moment; by coder, unit and variable."""
        names, values = _listed("kind", kinds)
        where = [f"kind IN ({names})", "at <= :as_of", _STANDS]
        if coder is not None:
            where.append("coder = :coder")
        if unit is not None:
            where.append("video_id = :video_id AND frame_index = :frame_index")
        values |= {"coder": coder, "as_of": _BEGINNING_OF_NEVER if as_of is None else as_of}
        values |= {"video_id": unit.video_id, "frame_index": unit.frame_index} if unit is not None else {}
        found = self._select(" AND ".join(where), values, "coder, video_id, frame_index, variable, at, key")
        return list({one.cell: one for one in found}.values())

    def history(self, *, as_of: float | None = None) -> Iterator[Decision]:
        """Everything in the order in which it was written here, what was undone and the undoing too."""
        after, until = 0, _BEGINNING_OF_NEVER if as_of is None else as_of
        while True:
            with self._lock, explained(self.path):
                rows = self._database.execute(
                    f"SELECT {COLUMNS}, id FROM decisions WHERE id > ? AND at <= ? ORDER BY id LIMIT 1000",
                    (after, until),
                ).fetchall()
            if not rows:
                return
            after = rows[-1][-1]
            yield from (_decision(row[:-1]) for row in rows)

    def marks(self, coder: str) -> list[tuple[Unit, str, str, str, float]]:
        """What a coder has done, briefly: unit, variable, kind, value and moment of all that stands, oldest first."""
        with self._lock, explained(self.path):
            rows = self._database.execute(
                f"""SELECT video_id, frame_index, variable, kind, value, at FROM decisions d
                WHERE coder = :coder AND kind IN ('code', 'import', 'repeat') AND {_STANDS}
                ORDER BY coder, video_id, frame_index, variable, at, key""",
                {"coder": coder, "as_of": _BEGINNING_OF_NEVER},
            )
            return [(Unit(video_id, index), *rest) for video_id, index, *rest in rows]

    def begun_by_others(self, coder: str) -> set[Unit]:
        """Units of which any other coder has decided something."""
        with self._lock, explained(self.path):
            rows = self._database.execute(
                f"""SELECT DISTINCT video_id, frame_index FROM decisions d
                WHERE coder <> :coder AND kind IN ('code', 'import') AND variable <> '{REMARK}' AND {_STANDS}""",
                {"coder": coder, "as_of": _BEGINNING_OF_NEVER},
            )
            return {Unit(*row) for row in rows}

    def keys(self) -> set[str]:
        """The keys of everything that is there."""
        with self._lock, explained(self.path):
            return {str(row[0]) for row in self._database.execute("SELECT key FROM decisions")}

    def coders(self) -> list[str]:
        """Everybody who has an entry."""
        with self._lock, explained(self.path):
            rows = self._database.execute("SELECT DISTINCT coder FROM decisions ORDER BY coder")
            return [str(row[0]) for row in rows]

    def version(self) -> int:
        """Rises with everything that is appended by anybody; cheap enough to ask every second."""
        with self._lock, explained(self.path):
            return int(self._database.execute("SELECT coalesce(max(id), 0) FROM decisions").fetchone()[0])

    def _select(self, where: str, values: dict[str, Any], order: str = "id") -> list[Decision]:
        with self._lock, explained(self.path):
            asked = f"SELECT {COLUMNS} FROM decisions d WHERE {where} ORDER BY {order}"
            return [_decision(row) for row in self._database.execute(asked, values)]


def _listed(name: str, values: Collection[str]) -> tuple[str, dict[str, Any]]:
    named = {f"{name}{place}": value for place, value in enumerate(values)}
    return ", ".join(f":{each}" for each in named), dict(named)


def _row(one: Decision) -> tuple[Any, ...]:
    head = (one.key, one.act, one.kind, one.coder, *one.unit, one.variable, one.value, float(one.at))
    return (*head, one.note, int(one.flagged), one.position, one.seconds, one.shown, one.reason)


def _decision(row: tuple[Any, ...]) -> Decision:
    key, act, kind, coder, video_id, frame_index, variable, value, at, note, flagged, *rest = row
    position, seconds, shown, reason = rest
    unit = Unit(video_id, frame_index)
    return Decision(
        coder, unit, variable, value, at, note, bool(flagged), kind, act, key, position, seconds, shown, reason
    )
