"""Files that a spec names and that are not there: told before the run that would fail on them."""

from __future__ import annotations

import json

from engine import needed, registry
from engine.config import parse
from engine.workspace import Workspace
from tests.conftest import Cli

FINETUNE = "gold: gold.csv\nmodel: {weights: {perspective: a.pt, distance: b.pt}}\n"


def _missing(workspace: Workspace, job: str, text: str) -> list[str]:
    spec = parse(registry.job(job).spec_class(), text, "spec.yaml")
    return [fault.place for fault in needed.missing(workspace, registry.job(job), spec)]


def test_each_file_that_is_not_there_is_told_with_its_key(workspace: Workspace) -> None:
    (workspace.root / "a.pt").touch()
    (workspace.root / "videos").mkdir(exist_ok=True)
    assert _missing(workspace, "finetune", FINETUNE) == ["gold", "model.weights.distance"]
    (workspace.root / "gold.csv").touch()
    (workspace.root / "b.pt").touch()
    assert _missing(workspace, "finetune", FINETUNE) == []


def test_a_bucket_is_not_looked_for_here(workspace: Workspace) -> None:
    assert _missing(workspace, "frames", "videos: gs://study/videos") == []
    assert _missing(workspace, "frames", "videos: nowhere") == ["videos"]


def test_check_fits_and_says_what_is_missing(workspace: Workspace, cli: Cli) -> None:
    said = cli("check", "frames", "frames", "videos=nowhere", "--json")
    assert said.code == 0 and json.loads(said.out)["missing"][0].startswith("videos: nowhere: there is no ")
    assert "videos: nowhere" in said.err
