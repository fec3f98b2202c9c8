"""A table of codes, `unit,coder,V[,video_id]`: an empty V was seen and left blank; without a row it was unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import tables
from engine.annotations.decision import BLANK, CANT_TELL
from engine.errors import AskError, DataError

UNIT, CODER, VIDEO = "unit", "coder", "video_id"


@dataclass
class Table:
    """The codes of one variable, in the order in which coders and units first appear."""

    variable: str
    cells: dict[tuple[str, str], str] = field(default_factory=dict)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)
    videos: dict[str, str] = field(default_factory=dict)

    @property
    def coders(self) -> list[str]:
        return list(dict.fromkeys(coder for _, coder in self.cells))

    def found(self) -> str:
        """The labels that it holds, as --labels takes them, by the alphabet: the order is for people to say."""
        return tables.text(sorted({*self.cells.values()} - {BLANK, CANT_TELL}), ()).strip()

    def question(self, labels: Sequence[str], level: str, how: dict[str, Any]) -> dict[str, Any]:
        """What is asked about it; see engine/stats/coders/study.py."""
        units, coders = list(dict.fromkeys(unit for unit, _ in self.cells)), self.coders
        rows = [[self.cells.get((unit, coder)) for unit in units] for coder in coders]
        tell = {coder: sum(self._cannot(unit, coder, labels) for unit in units) for coder in coders}
        return {
            "variable": self.variable, "labels": list(labels), "level": level, "coders": coders, "rows": rows,
            "clusters": [self.videos[unit] for unit in units] if self.videos else None, "cant_tell": tell, "how": how,
        }  # fmt: skip

    def _cannot(self, unit: str, coder: str, labels: Sequence[str]) -> bool:
        return CANT_TELL not in labels and self.cells.get((unit, coder)) == CANT_TELL


def read(path: Path, variable: str | None) -> Table:
    """The codes of a variable; without one named, of the only column that can be it.

    Raises:
        DataError: a column is missing, a cell that must not be empty is, or a coder has two rows for a unit.
        AskError: no variable is named, and several columns could be it.
    """
    required = (UNIT, CODER, *([variable] if variable else []))
    rows = tables.numbered(path, required)
    table = Table(variable or _only(path, rows))
    for line, row in rows:
        _add(path, table, line, row)
    return table


def _only(path: Path, rows: Sequence[tuple[int, dict[str, str]]]) -> str:
    found = [name for name in (rows[0][1] if rows else {}) if name not in (UNIT, CODER, VIDEO)]
    if len(found) != 1:
        raise AskError(f"{path}: which column holds the codes is not said", hint=f"--variable {'|'.join(found) or 'V'}")
    return found[0]


def _add(path: Path, table: Table, line: int, row: dict[str, str]) -> None:
    for name in (UNIT, CODER, *([VIDEO] if VIDEO in row else [])):
        if not row[name].strip():
            raise DataError(f"{path}, line {line}: {name} is empty", hint="every row names its unit and its coder")
    cell = (row[UNIT], row[CODER])
    if cell in table.cells:
        raise DataError(
            f"{path}, line {line}: {cell[1]} has coded {cell[0]} already, on line {table.lines[cell]}",
            hint="one row for each unit and coder",
        )
    if VIDEO in row and table.videos.setdefault(cell[0], row[VIDEO]) != row[VIDEO]:
        raise DataError(f"{path}, line {line}: unit {cell[0]} is of video {row[VIDEO]} here, of "
                        f"{table.videos[cell[0]]} before")  # fmt: skip
    table.cells[cell], table.lines[cell] = row[table.variable], line


def check(path: Path, table: Table, labels: Sequence[str]) -> None:
    """Every code is a label, blank, or can't tell.

    Raises:
        DataError: which is not, and where.
    """
    for cell, value in table.cells.items():
        if value not in (*labels, BLANK, CANT_TELL):
            raise DataError(
                f"{path}, line {table.lines[cell]}: {table.variable} is {value!r}, which is no label",
                hint=f"labels are {', '.join(labels)}; empty means seen and left blank",
            )
