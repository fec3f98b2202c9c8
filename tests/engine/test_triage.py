"""Triage of ensembles: what is listed, what stays, and that nothing is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import triage
from engine.files import write_json
from engine.run import Run, create, listing
from engine.workspace import Workspace
from tests.conftest import Cli


def ensemble(
    workspace: Workspace, macro_f1: float, accuracy: float, nll: float, weights: tuple[float, float] = (0.5, 0.5),
    images: str = "aaaaaaaaaa", state: str = "done",
) -> Run:  # fmt: skip
    """A run of an ensemble as it stands on disk."""
    run = create(workspace, "ensemble", "", record={})
    write_json(run.status_file, {"state": state})
    teachers: list[dict[str, Any]] = [
        {"name": name, "weights_sha256": name, "preprocess": {}, "weight": weight}
        for name, weight in zip(("rn18", "b3"), weights, strict=True)
    ]
    scores = {"macro_f1": macro_f1, "accuracy": accuracy, "nll": nll}
    whole = {"teachers": teachers, "space": "logit", "split": "test", "images": 9, "images_sha256": images, **scores}
    write_json(run.artifacts / triage.FILE, whole)
    return run


def verdicts(workspace: Workspace) -> dict[str, str]:
    return {one.ensemble.run.id: one.verdict for one in triage.judged(workspace)}


def test_the_best_of_each_test_set_stays_and_what_it_beats_everywhere_is_dominated(workspace: Workspace) -> None:
    best = ensemble(workspace, 0.66, 0.69, 1.0)
    worse = ensemble(workspace, 0.65, 0.68, 1.1, (0.3, 0.7))
    surer = ensemble(workspace, 0.65, 0.68, 0.9, (0.2, 0.8))
    other = ensemble(workspace, 0.40, 0.50, 2.0, (0.1, 0.9), images="bbbbbbbbbb")
    assert verdicts(workspace) == {
        best.id: "best", worse.id: "dominated", surer.id: "kept", other.id: "best"
    }  # fmt: skip


def test_the_same_teachers_and_weights_on_the_same_images_are_a_duplicate(workspace: Workspace) -> None:
    first, second = (ensemble(workspace, 0.6, 0.6, 1.0) for _ in range(2))
    assert sorted(verdicts(workspace).values()) == ["best", "duplicate"]
    create(workspace, "softlabels", "", record={}, parents=[second.id])
    assert verdicts(workspace) == {second.id: "best", first.id: "duplicate"}


def test_runs_that_are_not_done_or_have_no_metrics_are_none_of_ours(workspace: Workspace) -> None:
    ensemble(workspace, 0.6, 0.6, 1.0, state="failed")
    run = create(workspace, "ensemble", "", record={})
    write_json(run.status_file, {"state": "done"})
    assert verdicts(workspace) == {}


@pytest.mark.parametrize("how", ["a run", "a preset", "a part of its id"])
def test_what_something_refers_to_is_neither_listed_nor_archived(workspace: Workspace, cli: Cli, how: str) -> None:
    ensemble(workspace, 0.66, 0.69, 1.0)
    worse = ensemble(workspace, 0.65, 0.68, 1.1, (0.3, 0.7))
    if how == "a run":
        create(workspace, "report", "", record={}, parents=[worse.id])
    else:
        workspace.configs.mkdir(exist_ok=True)
        name = worse.id if how == "a preset" else worse.id[-4:]
        (workspace.configs / "softlabels.yaml").write_text(f"ensemble: run:{name}/ensemble_metrics.json\n")
    found = cli("triage", "--archive", "--yes", "archive")
    assert found.code == 0 and "refers to it" in found.out
    assert worse.folder.is_dir()
    assert (triage.folder(workspace) / triage.BAD_LIST).read_text() == ""


def test_listed_runs_are_archived_after_the_question_alone_and_come_back(workspace: Workspace, cli: Cli) -> None:
    best = ensemble(workspace, 0.66, 0.69, 1.0)
    worse = ensemble(workspace, 0.65, 0.68, 1.1, (0.3, 0.7))
    assert cli("triage", "--archive").code == 2 and worse.folder.is_dir()
    answer = json.loads(cli("triage", "--archive", "--yes", "archive", "--json").out)
    assert answer["archived"] == [worse.id]
    assert [run.id for run in listing(workspace)] == [best.id]
    assert worse.id in (triage.folder(workspace) / triage.BAD_LIST).read_text()
    assert worse.id in (triage.folder(workspace) / triage.TABLE).read_text()
    assert json.loads(cli("triage", "--undo", "--json").out) == {"restored": [worse.id]}
    assert {run.id for run in listing(workspace)} == {best.id, worse.id}
    assert "nothing to undo" in cli("triage", "--undo").err
