"""How far the labels are: progress of coders, agreement, the newest round; asked again when their files change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import child
from engine.errors import DataError, FootplateError
from engine.workspace import Workspace

MODULE = "engine.annotations.standing"
DEADLINE_S = 60.0
Marks = tuple[int, ...]
NOT_LISTED = "videos/ has files, but no frames.csv lists their frames: {launch} and frames, or footplate run frames"


@dataclass(frozen=True)
class Coder:
    """How far one coder is."""

    name: str
    done: int
    asked: int
    recode: int  # frames with a blank that come back


@dataclass(frozen=True)
class Queued:
    """How many frames a round asked for, and how many of them each coder has labelled."""

    frames: int
    coders: Mapping[str, int]


@dataclass(frozen=True)
class Standing:
    """How it stands now; `fault` says why that is not known."""

    marks: Marks = ()
    coders: tuple[Coder, ...] = ()
    overlap: int = 0
    double_coded: int = 0
    queues: Mapping[int, Queued] = field(default_factory=dict)
    agreement: str = ""
    newest: str = ""
    fault: str = ""
    hint: str = ""  # what to do where there is nothing yet


def look(workspace: Workspace, known: Marks) -> Standing | None:
    """How the labels stand, unless their files are as they were when these marks were taken."""
    marks = _marks(workspace)
    if marks == known:
        return None
    if not any(path.exists() for path in (workspace.labels, workspace.frames, workspace.rounds)):
        return Standing(marks, hint=_hint(workspace))
    try:
        found = child.ask(MODULE, str(workspace.root), "progress of the labels", deadline_s=DEADLINE_S)
        if "error" in found:
            raise DataError(found["error"], hint=found["hint"])
        return _standing(workspace, marks, found)
    except FootplateError as error:
        return Standing(marks, fault="  → ".join(filter(None, (error.message, error.hint))))


def _hint(workspace: Workspace) -> str:
    """That videos wait to be listed; nothing where somebody has a gold table, and so may need no labels."""
    with suppress(OSError):
        if not workspace.gold.exists() and any(not name.startswith(".") for name in os.listdir(_videos(workspace))):
            return NOT_LISTED
    return ""


def _videos(workspace: Workspace) -> Path:
    return workspace.root / "videos"  # where they are unless workspace.yaml, which takes long to read, says otherwise


def _standing(workspace: Workspace, marks: Marks, found: Mapping[str, Any]) -> Standing:
    coders = tuple(Coder(one["coder"], one["done"], one["asked"], one["recode"]) for one in found["coders"])
    queues = {int(number): Queued(one["frames"], one["coders"]) for number, one in found["queues"].items()}
    return Standing(
        marks, coders, found["overlap"], found["double_coded"], queues, _agreement(workspace), _newest(workspace)
    )


def _agreement(workspace: Workspace) -> str:
    from tui.services import cards  # these load more than the first paint of a workspace without labels needs

    return cards.line(workspace) if workspace.labels.exists() else ""


def _newest(workspace: Workspace) -> str:
    """The newest round in a line."""
    from engine import rounds
    from tui.rounding import guidance, interval

    found = rounds.read(workspace)
    if not found:
        return ""
    scores = [
        f"{one.variable} macro-F1 {interval(one.macro_f1, one.low, one.high)}, {guidance(one.guidance).text}"
        for one in found[-1].results
    ]
    return f"round {found[-1].number}: {'; '.join(scores) or 'damaged'}"


def _marks(workspace: Workspace) -> Marks:
    """Times and sizes of the files that the labels hang on; of a log in use, those of what is written beside it."""
    log = workspace.labels
    files = (log, log.with_name(f"{log.name}-wal"), workspace.file, workspace.frames, workspace.queue, workspace.rounds,
             workspace.cache / "agreement.json", workspace.gold, _videos(workspace))  # fmt: skip
    return tuple(number for path in files for number in _changed(path))


def _changed(path: Path) -> Marks:
    """When it was changed and how long it is; zeros where it is empty, as what a reader leaves beside a log is."""
    try:
        stat = path.stat()
    except OSError:
        return 0, 0
    return (stat.st_mtime_ns, stat.st_size) if stat.st_size else (0, 0)
