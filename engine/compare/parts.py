"""What one run holds that can stand side by side: the stages of a training, the students of a sweep."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import AskError
from engine.files import read_json
from engine.run import Run, find
from engine.status import Status
from engine.workspace import Workspace

STAGE_FILE = "reliabilitymetrics.json"
SWEEP_FILE = "sweep.json"


@dataclass(frozen=True)
class Part:
    """A run, or one of its stages; `stage` is empty for the whole."""

    run: Run
    stage: str = ""

    @property
    def id(self) -> str:
        return f"{self.run.id}:{self.stage}" if self.stage else self.run.id


def named(workspace: Workspace, name: str) -> Part:
    """The run of an id or a part of one, or its stage: RUN, RUN:kd.

    Raises:
        AskError: the run has no such stage.
    """
    base, _, stage = name.partition(":")
    run = find(workspace, base)
    if stage and stage not in (known := stages(run.status())):
        has = f"its stages are {', '.join(known)}" if known else "it has no stages"
        raise AskError(f"{run.id}: no stage {stage!r}", hint=has)
    return Part(run, stage)


def within(workspace: Workspace, run: Run) -> list[Part]:
    """The stages of a run, or the runs of its sweep, the chosen one first; nothing where it has neither."""
    if found := stages(run.status()):
        return [Part(run, stage) for stage in found]
    told = read_json(run.artifacts / SWEEP_FILE)
    runs = told.get("runs")
    names = [one.get("run") for one in runs if isinstance(one, dict)] if isinstance(runs, list) else []
    names.sort(key=lambda name: name != told.get("chosen"))  # it is what the others are held against
    return [Part(find(workspace, name)) for name in names if isinstance(name, str)]


def stages(status: Status) -> list[str]:
    """The stages that a run has done, in their order."""
    names = (str(entry["name"]) for entry in status.artifacts)
    return list(dict.fromkeys(name.rpartition("/")[0] for name in names if name.endswith(f"/{STAGE_FILE}")))
