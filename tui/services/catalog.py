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
AGAIN = 250  # runs that have ended change only when somebody resumes or labels them: so many are looked at in a step
NAMES = ("status.json", "labels.json")

Marks = tuple[int, ...]


class Catalog:
    """Looks after the list of runs; `step` belongs into a Watch."""

    def __init__(self, workspace: Workspace, post: Post) -> None:
        self._workspace, self._post = workspace, post
        self._runs: list[Run] = []
        self._listed: Marks | None = None
        self._known: dict[Run, tuple[Marks, Entry]] = {}
        self._told: list[Entry] | None = None
        self._next = 0
        self.steps = 0

    def step(self) -> float:
        """Look once, and tell what is new."""
        self._list()
        runs = self._runs if self.steps else self._runs[:FIRST]
        self._look(runs)
        self.steps += 1
        entries = [self._known[run][1] for run in runs if run in self._known]
        if entries != self._told:
            self._told = entries
            self._post(RunsChanged(entries))
        return 0.0 if len(runs) < len(self._runs) else EVERY_S

    def look_again(self) -> None:
        """Take nothing for granted in the next step: somebody has just changed something."""
        self._known, self._listed = {}, None

    def _list(self) -> None:
        """List the runs where the folder of runs is not what it was."""
        marks = (_changed_at(self._workspace.runs),)
        if marks != self._listed:
            self._runs, self._listed = listing(self._workspace), marks
            self._known = {run: self._known[run] for run in self._runs if run in self._known}

    def _look(self, runs: Sequence[Run]) -> None:
        again = set(self._turn(runs))
        for run in runs:
            known = self._known.get(run)
            if known is None or known[1].moving or run in again:
                self._look_at(run, known)

    def _turn(self, runs: Sequence[Run]) -> Sequence[Run]:
        start = self._next if self._next < len(runs) else 0
        self._next = start + AGAIN
        return runs[start : start + AGAIN]

    def _look_at(self, run: Run, known: tuple[Marks, Entry] | None) -> None:
        marks = tuple(_changed_at(run.folder / name) for name in NAMES)
        if known is not None and not known[1].moving and marks == known[0]:
            return
        try:
            self._known[run] = marks, read(run)
        except FootplateError:
            self._known.pop(run, None)  # its folder went away between the listing and now


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


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
