"""Every run of the workspace; only what has changed on disk is read again."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from engine import labels
from engine.errors import FootplateError
from engine.run import Run, Status, listing
from engine.workspace import Workspace
from tui.entries import Entry, Load
from tui.messages import RunsChanged
from tui.services.watch import Post

EVERY_S = 1.0
FIRST = 60  # as many as a screen can show are read first; the others follow at once
AGAIN = 250  # runs that have ended change only when somebody resumes or labels them: so many are looked at in a step
MANY = 1000  # runs that are read in one step
NAMES = ("status.json", "labels.json")

Marks = tuple[int, ...]


class Catalog:
    """Looks after the list of runs; `step` belongs into a Watch."""

    def __init__(self, workspace: Workspace, post: Post) -> None:
        self._workspace, self._post = workspace, post
        self._runs: dict[str, Run] = {}  # newest first
        self._listed: Marks | None = None
        self._known: dict[str, tuple[Marks, Entry]] = {}
        self._next = 0
        self._all = False  # whether all are looked at in the next step
        self.steps = 0

    def step(self) -> float:
        """Look once, and tell what is new."""
        changed, first = self._list(), not self.steps
        due = list(islice(self._runs, FIRST)) if first else self._due()
        for run_id in due:
            changed |= self._look_at(self._runs[run_id])
        self.steps += 1
        if len(due) > MANY:
            gc.freeze()  # what was read stays, and looking through it for garbage again and again would be felt
        if changed or first:
            self._post(RunsChanged([self._known[name][1] for name in self._runs if name in self._known]))
        return 0.0 if first and len(due) < len(self._runs) else EVERY_S

    def look_again(self) -> None:
        """Take nothing for granted in the next step: somebody has just changed something."""
        self._listed, self._all = None, True

    def _list(self) -> bool:
        """List the runs where the folder of runs is not what it was; whether some are gone."""
        marks = (_changed_at(self._workspace.runs),)
        if marks == self._listed:
            return False
        self._runs, self._listed = {run.id: run for run in listing(self._workspace)}, marks
        gone = self._known.keys() - self._runs.keys()
        for run_id in gone:
            del self._known[run_id]
        return bool(gone)

    def _due(self) -> Sequence[str]:
        """Runs that may be other than they were: what is new or moves, and some of the others in turn."""
        if self._all:
            self._all = False
            return list(self._runs)
        turn = set(islice(self._runs, self._next, self._next + AGAIN))
        self._next = self._next + AGAIN if self._next + AGAIN < len(self._runs) else 0
        known = self._known
        return [name for name in self._runs if name in turn or name not in known or known[name][1].moving]

    def _look_at(self, run: Run) -> bool:
        """Read a run where its files are not what they were; whether that told something new."""
        known = self._known.get(run.id)
        marks = tuple(_changed_at(run.folder / name) for name in NAMES)
        if known is not None and not known[1].moving and marks == known[0]:
            return False
        try:
            entry = read(run)
        except FootplateError:  # its folder went away between the listing and now
            return self._known.pop(run.id, None) is not None
        same = known is not None and entry == known[1]
        self._known[run.id] = marks, known[1] if known is not None and same else entry
        return not same


def read(run: Run) -> Entry:
    """One run as the lists show it."""
    try:
        status, given = run.status(), labels.read(run)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        hint = f"look at {run.folder / 'status.json'}"
        status = Status(state="lost", error=f"its status cannot be read: {error}", hint=hint)
        given = labels.Labels()
    false = bool(status.machine) and _simulated(run, status.machine)
    return Entry(run.id, run.job, run.created_at, status, given.tags, given.note, _using(run, status), false)


def _simulated(run: Run, machine: str) -> bool:
    from tui.services import simulated  # few runs are on machines

    return simulated.simulated(simulated.file_of(run.folder), machine)


def _using(run: Run, status: Status) -> Load | None:
    if status.state != "running":
        return None
    from tui.services.load import load  # events are a dozen classes, which the first paint can do without

    return load(run)


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
