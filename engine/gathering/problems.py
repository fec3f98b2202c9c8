"""Rows whose image is no use: all of them in a table, the first ten in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from engine import tables
from engine.errors import DataError
from engine.gathering.looking import Seen
from engine.manifests import SOME, Row
from engine.record import Recorder

COLUMNS = ("manifest", "line", "image_path", "label", "split", "source", "reason")
MISSING = "missing"
Whether = Literal["stop", "skip"]


class Problems:
    """Those that were met so far."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []

    def add(self, one: Seen) -> None:
        self.seen.append(one)

    @property
    def missing(self) -> list[Seen]:
        return [one for one in self.seen if one.reason == MISSING]

    @property
    def unreadable(self) -> list[Seen]:
        return [one for one in self.seen if one.reason != MISSING]

    def write(self, out: Recorder) -> None:
        """All of them, before anything is said of the first ten."""
        path = out.artifact("problems.csv", "rows whose image is missing or unreadable, and why")
        with tables.writer(path, COLUMNS) as table:
            for one in self.seen:
                row = one.row
                table.write(one.manifest, row.line, row.image_path, row.label, row.split, row.source, one.reason)

    def judge(self, out: Recorder, root: Path, rows: int, *, missing: Whether, unreadable: Whether) -> None:
        """Stop, or say how many were skipped; DataError names the first ten, each with its line."""
        if len(self.missing) == rows:
            raise DataError(f"{root}: none of the {rows} images is there: {_first(self.missing)}",
                            hint=f"data_root is wrong{_better(root, self.missing[0].row)}")  # fmt: skip
        kinds: Mapping[str, tuple[Sequence[Seen], Whether]] = {
            "missing": (self.missing, missing), "unreadable": (self.unreadable, unreadable),
        }  # fmt: skip
        for word, (found, whether) in kinds.items():
            if found and whether == "stop":
                hint = f"mend them (problems.csv has them all), or say {word}=skip"
                others = {name: some for name, (some, _) in kinds.items() if some and name != word}
                rest = "".join(f"; {len(some)} are {name}" for name, some in others.items())
                raise DataError(f"{len(found)} of {rows} images are {word}: {_first(found)}{rest}", hint=hint)
            if found:
                out.note(f"skipped: {len(found)} of {rows} images are {word}: {_first(found)}", "warning")


def _first(found: Sequence[Seen]) -> str:
    some = "; ".join(_where(one) for one in found[:SOME])
    return f"{some}; and {len(found) - SOME} more" if len(found) > SOME else some


def _where(one: Seen) -> str:
    why = "" if one.reason == MISSING else f" ({one.reason.removeprefix('unreadable: ')})"
    return f"{one.manifest.name}, line {one.row.line}: {one.row.image_path}{why}"


def _better(root: Path, row: Row) -> str:
    """A folder near by below which the first image is."""
    near = [
        *list(root.parents)[:3],
        *(sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []),
    ]
    for folder in near:
        if (folder / row.image_path).is_file():
            return f": {row.image_path} is below {folder}"
    return ", or the paths are relative to another folder"
