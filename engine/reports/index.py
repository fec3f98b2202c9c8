"""All reports of a workspace: of which runs they tell, and whether their numbers still stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import FootplateError
from engine.reports.check import Checked, check
from engine.run import Run, listing
from engine.workspace import Workspace

JOB, FILE = "report", "report.md"


@dataclass(frozen=True)
class Entry:
    """A report, read again; `fault` says why it could not be."""

    run: Run
    title: str
    tells_of: tuple[str, ...]
    file: Path
    checked: Checked | None
    fault: str = ""

    @property
    def words(self) -> str:
        """Whether its numbers still stand."""
        if self.checked is None:
            return self.fault
        count = len(self.checked.faults)
        return f"{count} no longer match" if count else "all match"

    def to_json(self) -> dict[str, Any]:
        told = self.checked.to_json() if self.checked else {"file": str(self.file), "error": self.fault}
        return {"run": self.run.id, "title": self.title, "tells_of": list(self.tells_of), **told}


def entries(workspace: Workspace) -> list[Entry]:
    """All reports of runs that are done, newest first."""
    made = (run for run in listing(workspace) if run.job == JOB and _file(run).is_file())
    return [_entry(workspace, run) for run in made if run.status().state == "done"]


def _entry(workspace: Workspace, run: Run) -> Entry:
    title, parents = run.status().title, tuple(run.parents())
    try:
        return Entry(run, title, parents, _file(run), check(workspace, _file(run)))
    except FootplateError as error:
        return Entry(run, title, parents, _file(run), None, error.message)


def _file(run: Run) -> Path:
    return run.artifacts / FILE
