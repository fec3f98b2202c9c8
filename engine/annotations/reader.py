"""What can be asked of the log of decisions; every answer is about this moment, or about a moment that is named."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterator, Set
from dataclasses import fields
from itertools import repeat
from pathlib import Path
from typing import Any

from engine.annotations.database import COLUMNS, explained
from engine.annotations.decision import CODED, REMARK, Decision, Unit

STANDS = "NOT EXISTS (SELECT 1 FROM decisions u WHERE u.kind = 'undo' AND u.act = d.act AND u.at <= :as_of)"
NEVER = 1e18  # later than everything
_NAMES = [field.name for field in fields(Decision)]
_DECIDES = f"kind IN ('code', 'import') AND variable <> '{REMARK}'"


class Reader:
    """An open log, as those who only look have it."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self.path = path
        self._database = database
        self._lock = threading.RLock()
        self._seen: dict[str, tuple[int, set[Unit]]] = {}  # by coder, with the version up to which it was read

    def newest(
        self,
        *,
        coder: str | None = None,
        unit: Unit | None = None,
        kinds: Collection[str] = CODED,
        as_of: float | None = None,
    ) -> list[Decision]:
        """Of each cell the newest decision that stands, or stood at a moment; by coder, unit and variable."""
        names, values = listed("kind", kinds)
        where = [f"kind IN ({names})", "at <= :as_of", STANDS]
        if coder is not None:
            where.append("coder = :coder")
        if unit is not None:
            where.append("video_id = :video_id AND frame_index = :frame_index")
        values |= {"coder": coder, "as_of": NEVER if as_of is None else as_of}
        values |= {"video_id": unit.video_id, "frame_index": unit.frame_index} if unit is not None else {}
        found = self.select(" AND ".join(where), values, "coder, video_id, frame_index, variable, at, key")
        return list({one.cell: one for one in found}.values())

    def history(self, *, as_of: float | None = None) -> Iterator[Decision]:
        """Everything in the order in which it was written here, what was undone and the undoing too."""
        after, until = 0, NEVER if as_of is None else as_of
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

    def seen(self, coder: str) -> Set[Unit]:
        """The units of which a coder has decided something that stands.

        It is read once, out of an index; from then on only what was appended since is looked at. Not to be changed.
        """
        with self._lock, explained(self.path):
            now = self.version()
            upto, found = self._seen.get(coder) or (None, self._all_seen(coder))
            for unit in self._touched(coder, upto) if now != upto else ():
                (found.add if self._decided(coder, unit) else found.discard)(unit)
            self._seen[coder] = now, found
            return found

    def _all_seen(self, coder: str) -> set[Unit]:
        found: set[Unit] = set()
        rows = self._database.execute(
            f"""SELECT video_id, group_concat(frame_index) FROM decisions INDEXED BY by_coder
            WHERE coder = ? AND {_DECIDES} GROUP BY video_id""",
            (coder,),
        )
        for video_id, indices in rows:
            found.update(map(Unit, repeat(video_id), map(int, set(indices.split(",")))))
        return found

    def _touched(self, coder: str, after: int | None) -> set[Unit]:
        """Units of which something was decided or taken back since; of all, where None is said, only the latter."""
        taken_back = """SELECT d.video_id, d.frame_index FROM decisions u INDEXED BY undone CROSS JOIN decisions d
            ON d.act = u.act WHERE u.kind = 'undo' AND u.id > ? AND d.coder = ? AND d.kind <> 'undo'"""
        added = f"SELECT video_id, frame_index FROM decisions NOT INDEXED WHERE id > ? AND coder = ? AND {_DECIDES}"
        asked = (taken_back,) if after is None else (taken_back, added)
        return {Unit(*row) for one in asked for row in self._database.execute(one, (after or 0, coder)).fetchall()}

    def _decided(self, coder: str, unit: Unit) -> bool:
        return any(one.variable != REMARK for one in self.newest(coder=coder, unit=unit))

    def marks(self, coder: str) -> list[tuple[Unit, str, str, str, float]]:
        """What a coder has done, briefly: unit, variable, kind, value and moment of all that stands, oldest first."""
        with self._lock, explained(self.path):
            rows = self._database.execute(
                f"""SELECT video_id, frame_index, variable, kind, value, at FROM decisions d
                WHERE coder = :coder AND kind IN ('code', 'import', 'repeat') AND {STANDS}
                ORDER BY coder, video_id, frame_index, variable, at, key""",
                {"coder": coder, "as_of": NEVER},
            )
            return [(Unit(video_id, index), *rest) for video_id, index, *rest in rows]

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

    def select(self, where: str, values: dict[str, Any], order: str = "id") -> list[Decision]:
        """The decisions that fulfil a condition in SQL."""
        with self._lock, explained(self.path):
            asked = f"SELECT {COLUMNS} FROM decisions d WHERE {where} ORDER BY {order}"
            return [_decision(row) for row in self._database.execute(asked, values)]


def listed(name: str, values: Collection[str]) -> tuple[str, dict[str, Any]]:
    """Names of placeholders for a list of values, and the values by name."""
    named = {f"{name}{place}": value for place, value in enumerate(values)}
    return ", ".join(f":{each}" for each in named), dict(named)


def _decision(row: tuple[Any, ...]) -> Decision:
    key, act, kind, coder, video_id, frame_index, variable, value, at, note, flagged, *rest = row
    values = (coder, Unit(video_id, frame_index), variable, value, at, note, bool(flagged), kind, act, key, *rest)
    one = object.__new__(Decision)  # a frozen dataclass sets each attribute in a slow way, which counts in 100,000
    one.__dict__.update(zip(_NAMES, values, strict=True))
    return one
