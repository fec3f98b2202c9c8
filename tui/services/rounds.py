"""What the Rounds screen asks: the rounds as their files tell them, and the form of the next one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine import presets, rounds
from engine.rounds import Round
from engine.workspace import Workspace
from tui.services.standing import Queued

Marks = tuple[int, ...]
_HASH = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52}\b")
_TITLE = re.compile(r"^title:.*$", re.MULTILINE)


@dataclass(frozen=True)
class Found:
    """All rounds by number, and what is wrong with what they share."""

    rounds: tuple[Round, ...] = ()
    faults: tuple[str, ...] = ()  # that the test set or the stop set is not what the rounds were judged by
    gone: tuple[str, ...] = ()  # round/variable of weights that a round names and that are not there
    marks: Marks = ()
    queued: Mapping[int, Queued] = field(default_factory=dict)


def look(workspace: Workspace, known: Marks) -> Found | None:
    """The rounds, unless their files are as they were when these marks were taken."""
    marks = _marks(workspace)
    if marks == known:
        return None
    found = rounds.read(workspace)
    faults = (check(workspace, found) for check in (rounds.test_set_fault, rounds.stop_set_fault))
    shared = tuple(_short(workspace, fault) for fault in faults if fault)
    told = (replace(one, faults=tuple(_short(workspace, fault) for fault in one.faults)) for one in found)
    return Found(tuple(told), shared, tuple(_gone(found)), marks)


def next_form(workspace: Workspace, number: int) -> tuple[str, str]:
    """The preset of a round by its name, and its text for the round of this number."""
    text, _source = presets.choose(workspace, "round", None)
    title = f"title: round {number}"
    return "round", _TITLE.sub(title, text, count=1) if _TITLE.search(text) else f"{title}\n{text}"


def _gone(found: Sequence[Round]) -> Iterator[str]:
    for one in found:
        for result in one.results:
            path = one.weights(result.variable)
            if path is not None and not path.exists():
                yield f"{one.number}/{result.variable}"


def _short(workspace: Workspace, fault: str) -> str:
    """A fault in which files are named from the workspace on, and hashes by as much as people compare by eye."""
    return _HASH.sub(r"\1…", fault.replace(f"{workspace.root}/", ""))


def _marks(workspace: Workspace) -> Marks:
    folder = workspace.rounds
    inside = ("round_*", "round_*/weights", "round_*/*.json", "*.csv")
    files = [folder, *(path for pattern in inside for path in sorted(folder.glob(pattern)))]
    return tuple(map(_changed_at, files))


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
