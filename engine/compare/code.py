"""Which files differ between the frozen code of two runs, and how."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.code import frozen
from engine.errors import DataError
from engine.run import Run
from engine.workspace import Workspace


@dataclass(frozen=True)
class Changed:
    """A file that is not the same in the code of two runs; lines that came and went."""

    path: str
    how: str  # changed, added, removed
    plus: int
    minus: int


def changed(workspace: Workspace, reference: Run, other: Run) -> list[Changed]:
    """Every file that differs.

    Raises:
        DataError: the code of one of them was removed.
    """
    one, two = folder(workspace, reference), folder(workspace, other)
    if one == two:
        return []
    names = sorted(_files(one) | _files(two))
    return [_changed(name, one / name, two / name) for name in names if _text(one / name) != _text(two / name)]


def difference(workspace: Workspace, reference: Run, other: Run, path: str) -> str:
    """One file as a unified diff."""
    one, two = folder(workspace, reference), folder(workspace, other)
    if path not in _files(one) | _files(two):  # also a path that would lead out of the two folders
        raise DataError(f"{path}: no such file in the code of {reference.id} or {other.id}")
    lines = _unified(path, one / path, two / path, reference.id, other.id)
    return "\n".join(lines)


def folder(workspace: Workspace, run: Run) -> Path:
    """Where the code of a run is frozen."""
    found = frozen(workspace, run.record())
    if found is None:
        raise DataError(f"{run.id}: its frozen code is not in {workspace.runs / '.code'}", hint="somebody removed it")
    return found


def _files(top: Path) -> set[str]:
    return {str(path.relative_to(top)) for path in top.rglob("*.py")}


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else None


def _unified(name: str, one: Path, two: Path, before: str, after: str) -> Iterator[str]:
    old, new = ((_text(path) or "").splitlines() for path in (one, two))
    return difflib.unified_diff(old, new, f"{before}/{name}", f"{after}/{name}", lineterm="")


def _changed(name: str, one: Path, two: Path) -> Changed:
    how = "added" if not one.exists() else "removed" if not two.exists() else "changed"
    lines = list(_unified(name, one, two, "", ""))[2:]  # behind the names of the two files
    return Changed(name, how, sum(line[:1] == "+" for line in lines), sum(line[:1] == "-" for line in lines))
