"""Every run of the workspace; only what has changed on disk is read again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine import labels
from engine.errors import FootplateError
from engine.run import Run, Status, listing
from engine.workspace import Workspace
from tui.entries import Entry
from tui.messages import RunsChanged
from tui.services.load import load
from tui.services.watch import Post

EVERY_S = 1.0
FIRST = 60  # as many as a screen can show are read first; the others follow at once
ENDED_EVERY = 5  # rounds; a run that ended changes only when somebody resumes or labels it
NAMES = ("status.json", "labels.json")

Marks = tuple[int, ...]


class Catalog:
    """Looks after the list of runs; `step` belongs into a Watch."""

    def __init__(self, workspace: Workspace, post: Post) -> None:
        self._workspace, self._post = workspace, post
        self._known: dict[str, tuple[Marks, Entry]] = {}
        self._told: Sequence[Entry] | None = None
        self._round = 0

    def step(self) -> float:
        """Look once, and tell what is new."""
        runs = listing(self._workspace)
        first = not self._round
        entries = self._read(runs[:FIRST] if first else runs)
        self._round += 1
        if entries != self._told:
            self._told = entries
            self._post(RunsChanged(entries))
        return 0.0 if first and len(runs) > FIRST else EVERY_S

    def look_again(self) -> None:
        """Take nothing for granted in the next step: somebody has just changed something."""
        self._known.clear()

    def _read(self, runs: Sequence[Run]) -> list[Entry]:
        known = self._known
        self._known = {run.id: found for run in runs if (found := self._entry(run, known.get(run.id)))}
        return [entry for _, entry in self._known.values()]

    def _entry(self, run: Run, known: tuple[Marks, Entry] | None) -> tuple[Marks, Entry] | None:
        if known and not known[1].moving and (self._round % ENDED_EVERY or _marks(run) == known[0]):
            return known
        marks = _marks(run)
        try:
            return marks, read(run)
        except FootplateError:
            return None  # its folder went away between the listing and now


def read(run: Run) -> Entry:
    """One run as the lists show it."""
    try:
        status, given = run.status(), labels.read(run)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        hint = f"look at {run.folder / 'status.json'}"
        status = Status(state="lost", error=f"its status cannot be read: {error}", hint=hint)
        given = labels.Labels()
    using = load(run) if status.state == "running" else None
    return Entry(run.id, run.job, run.created_at, status, given.tags, given.note, using)


def _marks(run: Run) -> Marks:
    return tuple(_changed_at(run.folder / name) for name in NAMES)


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
