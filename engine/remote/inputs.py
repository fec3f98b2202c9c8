"""What of the workspace a run reads, so that it can be sent where the run is to be done."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine import needed, references, registry, triage
from engine.config import parse
from engine.files import read_json
from engine.registry import Job
from engine.run import Run
from engine.specs.common import Spec
from engine.workspace import FILE, Workspace, home

LABELS = "annotations.sqlite"
OUTSIDE = "outside"  # where files are put that lie outside of the workspace here
# A package comes with the environment, and a bucket is read from there.
ELSEWHERE = ("package:", *needed.BUCKETS)


@dataclass(frozen=True)
class Input:
    """A file or folder: where it is here, where it has to be there, and how the spec names it."""

    source: Path
    target: str  # inside the workspace there
    reference: str = ""

    @property
    def moved(self) -> bool:
        """Whether it is found there only by who knows of it."""
        return self.target.startswith(f"{OUTSIDE}/")


def of_run(workspace: Workspace, run: Run) -> list[Input]:
    """Everything that a run's job reads beside its own folder.

    Raises:
        DataError: something that its spec names is not there.
    """
    job = registry.job(run.job)
    return of_spec(workspace, job, parse(job.spec_class(), run.spec_text(), str(run.spec)))


def of_spec(workspace: Workspace, job: Job, spec: Spec) -> list[Input]:
    """Everything that a job reads for a spec; errors as for a run."""
    found = [Input(workspace.file, FILE)]
    for word in job.reads:
        found += _place(workspace, word[1:]) if word.startswith("@") else _named(workspace, spec, word)
    return list({one.target: one for one in found}.values())


def _place(workspace: Workspace, name: str) -> Iterator[Input]:
    """A file or folder that has its place in every workspace; it may be missing."""
    source = workspace.root / name
    if source.exists():
        yield Input(source, name)


def _named(workspace: Workspace, spec: Spec, key: str) -> Iterator[Input]:
    """What a key of the spec names: one reference, or several."""
    for _, text in needed.named(workspace, spec, key):
        if not text.startswith(ELSEWHERE):
            yield from _reference(workspace, text)


def _reference(workspace: Workspace, text: str) -> Iterator[Input]:
    source = references.resolve(workspace, text)
    target = _target(workspace, text)
    yield Input(source, target, text)
    card = source.with_suffix(".json")
    if source.is_file() and source != card and card.is_file():  # what weights take and give stands beside them
        yield Input(card, str(Path(target).with_suffix(".json")))
    if source.name == triage.FILE:  # it names teachers, whose weights are read as well
        for teacher in _of_ensemble(source):
            yield from () if teacher.startswith(ELSEWHERE) else _reference(workspace, teacher)


def _of_ensemble(metrics: Path) -> list[str]:
    """What an ensemble calls the weights of its teachers."""
    told = read_json(metrics).get("teachers")
    names = [one.get("reference") for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return [name for name in names if isinstance(name, str)]


def _target(workspace: Workspace, text: str) -> str:
    if form := re.fullmatch(r"run:([^/\s]*)/?(.*)", text, re.DOTALL):
        return f"runs/{form[1]}/artifacts/{form[2]}".rstrip("/")
    path = workspace.root / home(Path(text))
    clean = Path(re.sub(r"/(\./)+", "/", str(path)))
    if ".." not in clean.parts and clean.is_relative_to(workspace.root):
        return str(clean.relative_to(workspace.root))
    return f"{OUTSIDE}/{hashlib.sha256(text.encode()).hexdigest()[:12]}/{clean.name}"
