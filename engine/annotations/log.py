"""The log of decisions: appended to by many processes at once, never changed; the newest that stands wins."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.annotations.database import COLUMNS, connect, patiently, writing
from engine.annotations.decision import UNDO, Decision, Unit, fault_of
from engine.annotations.reader import NEVER, STANDS, Reader, listed
from engine.errors import DataError

MADE_HERE = ("code", "repeat")  # what undo takes back, where nobody says otherwise
_TICK_S = 1e-6
_INSERT = f"INSERT INTO decisions ({COLUMNS}) VALUES ({', '.join('?' * 15)}) ON CONFLICT (key) DO NOTHING"


class Log(Reader):
    """A workspace's decisions.

    Of each cell (coder, unit, variable) the newest by `at` wins, equals by key, so that merged logs agree everywhere
    whatever the order in which they met. A clock that was set back changes nothing: what is added here is always
    newer than what its coder did before.
    """

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
            taken = self.select("act = :act AND kind <> 'undo'", {"act": act})
            since = max(at, *(one.at for one in taken))
            key = uuid.uuid4().hex
            self._insert([Decision(coder, Unit("", 0), "", "", since, kind=UNDO, act=act, key=key)])
            return taken

        return list(self._transaction(take_back))

    def _newest_act(self, coder: str, kinds: Collection[str]) -> str | None:
        names, values = listed("kind", kinds)
        found = self._database.execute(
            f"""SELECT act FROM decisions d WHERE coder = :coder AND kind NOT IN ('import', 'undo')
            AND kind IN ({names}) AND {STANDS} ORDER BY at DESC, id DESC LIMIT 1""",
            {"coder": coder, "as_of": NEVER, **values},
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


def _row(one: Decision) -> tuple[Any, ...]:
    head = (one.key, one.act, one.kind, one.coder, *one.unit, one.variable, one.value, float(one.at))
    return (*head, one.note, int(one.flagged), one.position, one.seconds, one.shown, one.reason)
