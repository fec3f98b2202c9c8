"""What the Rounds screen asks: the rounds as their files tell them, and the form of the next one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.rounds import Round

from engine import presets, rounds
from engine.workspace import Workspace

Marks = tuple[int, ...]
_TITLE = re.compile(r"^title:.*$", re.MULTILINE)


@dataclass(frozen=True)
class Queued:
    """How many frames a round asked for, and how many of them each coder has labelled."""

    frames: int
    coders: Mapping[str, int]


@dataclass(frozen=True)
class Found:
    """All rounds by number, and what is wrong with what they share."""

    rounds: tuple[Round, ...] = ()
    test_set_fault: str = ""
    gone: tuple[str, ...] = ()  # files of weights that a round names and that are not there
    marks: Marks = ()
    queued: Mapping[int, Queued] = field(default_factory=dict)


def look(workspace: Workspace, known: Marks) -> Found | None:
    """The rounds, unless their files are as they were when these marks were taken."""
    marks = _marks(workspace)
    if marks == known:
        return None
    found = rounds.read(workspace)
    return Found(tuple(found), rounds.test_set_fault(workspace, found), _gone(workspace, found), marks)


def next_form(workspace: Workspace, number: int) -> tuple[str, str]:
    """The preset of a round by its name, and its text for the round of this number."""
    text, _source = presets.choose(workspace, "round", None)
    title = f"title: round {number}"
    return "round", _TITLE.sub(title, text, count=1) if _TITLE.search(text) else f"{title}\n{text}"


def _gone(workspace: Workspace, found: Sequence[Round]) -> tuple[str, ...]:
    named = (result.weights for round_ in found for result in round_.results)
    return tuple(name for name in named if name and not (workspace.root / name).exists())


def _marks(workspace: Workspace) -> Marks:
    folder = workspace.rounds
    files = [folder, folder / "test_set.csv", *sorted(folder.glob("round_*/*.json")), *sorted(folder.glob("round_*"))]
    return tuple(map(_changed_at, files))


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
