"""Images, soft labels, and sweeps whose children are done in this process."""

from __future__ import annotations

import json

import pytest
import torch

from engine import launch
from engine.errors import DataError
from engine.files import read_json
from engine.run import Run, create
from engine.teaching import lending
from engine.workspace import Workspace
from tests import pictured
from tests.engine.teaching.asked import attempt
from tests.jobs import do


@pytest.fixture
def lab(workspace: Workspace) -> Workspace:
    """54 images of three classes, and soft labels of two teachers for those of training."""
    torch.set_num_threads(1)
    pictured.images(workspace.root / "images", each=6)
    return workspace


@pytest.fixture
def taught(lab: Workspace) -> Workspace:
    """The same with soft labels in the folder soft."""
    for number, name in enumerate("ab"):
        pictured.teacher(lab.root / "weights" / f"{name}.pt", number)
    run = do(lab, "softlabels", "teachers=[weights/a.pt,weights/b.pt]", "manifest=all.csv", "data_root=images")
    run.artifacts.rename(lab.root / "soft")
    return lab


class Here:
    """Children of a sweep, each done in this process: loading torch once is enough."""

    def __init__(self, lab: Workspace) -> None:
        self.lab, self.begun = lab, list[Run]()

    def child(self, _: Workspace, name: str, spec: object, parent: Run) -> Run:
        run = create(self.lab, name, launch.dump(spec), record={"title": spec.title}, parents=[parent.id])  # type: ignore[attr-defined, arg-type]
        self.begun.append(run)
        return self.resume(self.lab, run)

    def resume(self, _: Workspace, run: Run) -> Run:
        state = "done"
        try:
            attempt(self.lab, run)
        except DataError:
            state = "failed"
        told = {"state": state, "title": read_json(run.folder / "run.json")["title"]}
        run.status_file.write_text(json.dumps(told))
        return run


@pytest.fixture
def here(taught: Workspace, monkeypatch: pytest.MonkeyPatch) -> Here:
    made = Here(taught)
    monkeypatch.setattr(lending.launch, "child", made.child)
    monkeypatch.setattr(lending.launch, "resume", made.resume)
    return made
