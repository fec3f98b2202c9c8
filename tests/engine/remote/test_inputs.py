"""What a run reads is known before it is sent: by its spec, and by what its job says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import launch, references
from engine.code import freeze
from engine.config import dump, parse
from engine.errors import AskError, DataError
from engine.files import write_json
from engine.registry import JOBS
from engine.remote.inputs import of_run
from engine.remote.wish import Wish, checked, of_json
from engine.run import Run, create
from engine.specs.finetune import Finetune
from engine.specs.softlabels import SoftLabels
from engine.workspace import Workspace


def finetune(workspace: Workspace, *overrides: str) -> Run:
    """A run that nobody has started."""
    spec = parse(Finetune, "", "a test", overrides)
    return create(workspace, "finetune", dump(spec), record={"code": freeze(workspace).record})


def sources(workspace: Workspace, run: Run) -> dict[str, Path]:
    return {one.target: one.source for one in of_run(workspace, run)}


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    """A workspace with everything that fine-tuning may read."""
    for name in ("gold.csv", "annotations.csv", "annotations.sqlite", "weights/v7.pth", "weights/v7.json"):
        (workspace.root / name).parent.mkdir(exist_ok=True)
        (workspace.root / name).write_text(name)
    return workspace


def test_fine_tuning_reads_gold_videos_weights_with_their_card_and_labels(filled: Workspace) -> None:
    run = finetune(filled, "model.weights=weights/v7.pth")
    wanted = {"workspace.yaml", "gold.csv", "videos", "weights/v7.pth", "weights/v7.json"}
    assert set(sources(filled, run)) == wanted | {"annotations.sqlite", "annotations.csv"}


def test_weights_of_each_variable_are_sent(filled: Workspace) -> None:
    (filled.root / "weights/w.pth").write_text("w")
    run = finetune(filled, "model.weights={a: weights/v7.pth, b: weights/w.pth}")
    assert {"weights/v7.pth", "weights/w.pth"} <= set(sources(filled, run))


def test_an_artifact_of_another_run_is_sent_to_where_its_reference_leads(filled: Workspace, done: Run) -> None:
    run = finetune(filled, f"model.weights=run:{done.id}/path.csv")
    assert sources(filled, run)[f"runs/{done.id}/artifacts/path.csv"] == done.artifacts / "path.csv"


def test_a_package_comes_with_the_environment(filled: Workspace) -> None:
    run = finetune(filled, "model.weights=package:yaml/__init__.py")
    assert not [name for name in sources(filled, run) if "yaml/" in name]


@pytest.mark.parametrize("words", ["{outside}/film.pth", "../film.pth"])
def test_what_lies_outside_of_the_workspace_is_found_on_the_machine_by_its_reference(
    filled: Workspace, tmp_path: Path, words: str
) -> None:
    (tmp_path / "film.pth").write_text("x")
    reference = words.format(outside=tmp_path)
    (one,) = [one for one in of_run(filled, finetune(filled, f"model.weights={reference}")) if one.moved]
    assert (one.source.resolve(), one.reference) == (tmp_path / "film.pth", reference)
    there = Workspace(tmp_path / "there")
    (there.root / one.target).parent.mkdir(parents=True)
    (there.root / one.target).write_text("x")
    write_json(there.root / references.PLACES, {one.reference: one.target})
    assert references.resolve(there, reference) == there.root / one.target


def test_what_is_missing_is_told_before_anything_is_sent(filled: Workspace) -> None:
    with pytest.raises(DataError, match=r"weights/no\.pth: there is no"):
        of_run(filled, finetune(filled, "model.weights=weights/no.pth"))


@pytest.mark.parametrize("name", JOBS)
def test_every_job_says_what_it_reads_in_words_of_its_own_spec(name: str) -> None:
    spec = JOBS[name].spec_class()
    fields = spec.model_fields
    assert JOBS[name].reads
    for word in JOBS[name].reads:
        key, *rest = word.split(".")
        assert word.startswith("@") or key in fields or isinstance(getattr(spec, key, None), property)
        for part in rest if not word.startswith("@") else ():
            assert part in fields[key].annotation.model_fields  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["", "Gpu-1", "gpu 1", "$(touch x)", "-gpu", "gpu\n1", "a" * 64, "gpu;rm"])
def test_a_name_that_no_machine_can_have_is_refused_before_anything_is_made(workspace: Workspace, name: str) -> None:
    with pytest.raises(AskError, match="cannot be a machine's name"):
        launch.submit(workspace, "toy", "", "a test", (), Wish(name, uncommitted=True))
    assert not list(workspace.runs.glob("2*"))


def test_a_wish_is_kept_as_it_was() -> None:
    wish = Wish("gpu-1", then="stop", keep_alive=True)
    assert of_json(wish.to_json()) == wish
    assert of_json(None) is None
    with pytest.raises(AskError, match="burn"):
        checked(Wish("gpu-1", then="burn"))


def test_the_teachers_of_an_ensemble_are_sent_with_it(filled: Workspace) -> None:
    made = create(filled, "ensemble", "", record={})
    named = {"teachers": [{"reference": "weights/v7.pth"}, {"reference": "package:timm/a.pt"}]}
    (made.artifacts / "ensemble_metrics.json").write_text(json.dumps(named))
    spec = SoftLabels.model_validate({"ensemble": f"run:{made.id}/ensemble_metrics.json", "manifest": "gold.csv"})
    run = create(filled, "softlabels", dump(spec), record={})
    metrics = f"runs/{made.id}/artifacts/ensemble_metrics.json"
    assert sources(filled, run).keys() >= {"weights/v7.pth", "weights/v7.json", "gold.csv", metrics}
