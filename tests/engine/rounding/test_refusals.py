"""What a round refuses, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from engine import rounds
from engine.annotations.decision import Decision, Unit
from engine.annotations.log import Log
from engine.errors import AskError, DataError, SpecError
from engine.files import sha256, write_json
from engine.rounding import looking
from engine.run import create
from engine.vision import checkpoint, models
from engine.workspace import Workspace
from tests.engine.rounding import shapes
from tests.engine.rounding.shapes import NOW, Done, do, label

# --- what it refuses ------------------------------------------------------------------------------------------------


def test_an_edited_test_set_is_refused_with_both_hashes(first: Done) -> None:
    path = first.workspace.rounds / "test_set.csv"
    was = sha256(path)
    path.write_text(path.read_text().replace(",bars,", ",disc,", 1))
    with pytest.raises(DataError) as refused:
        do(first.workspace)
    assert was in str(refused.value) and sha256(path) in str(refused.value) and first.run.id in str(refused.value)


@pytest.mark.parametrize("name", ["test_set.csv", "stop_set.csv"])
def test_a_fixed_set_that_is_gone_is_refused_by_name(first: Done, name: str) -> None:
    (first.workspace.rounds / name).unlink()
    with pytest.raises(DataError, match=name):
        do(first.workspace)


def test_a_missing_link_is_named(first: Done) -> None:
    (first.round.folder / "weights" / "kind.pth").unlink()
    with pytest.raises(DataError, match=r"round_00/weights/kind\.pth: is missing"):
        do(first.workspace)


def test_weights_that_are_not_those_of_the_last_round_are_refused(first: Done) -> None:
    checkpoint.save(first.round.folder / "weights" / "kind.pth", models.build("test_resnet", 3).state_dict())
    with pytest.raises(DataError, match="is not what round 0 made: sha256"):
        do(first.workspace)


def test_a_missing_base_is_named(lab: Workspace) -> None:
    with pytest.raises(DataError, match=r"model.weights of kind: .*weights/v7\.pth"):
        do(lab, "model.weights=weights/v7.pth")
    with pytest.raises(SpecError, match="no weights for 'light'"):
        do(lab, "model.weights={kind: ''}")


def test_no_labels_at_all_say_how_to_come_to_some(lab: Workspace) -> None:
    lab.labels.unlink()
    with pytest.raises(DataError, match="no labels to learn from") as refused:
        do(lab)
    assert "footplate label" in refused.value.hint


def test_one_class_only_is_no_question(lab: Workspace) -> None:
    with Log.open(lab.labels) as log:
        log.add([Decision("ana", one.unit, "kind", "disc", NOW) for one in log.newest() if one.variable == "kind"])
    with pytest.raises(DataError, match=r"kind: all .* training frames are 'disc': one class only"):
        do(lab)


def test_labels_of_two_videos_are_too_few_groups(lab: Workspace) -> None:
    shapes.listed(lab, [f"v{n}" for n in range(8)], {f"v{n}": "a" if n < 4 else "b" for n in range(8)})
    with pytest.raises(DataError, match="labels in 2 groups of videos only"):
        do(lab)


def test_a_variable_that_nobody_knows_is_refused(lab: Workspace) -> None:
    with pytest.raises(SpecError, match="did you mean 'kind'"):
        do(lab, "variables=[kinds]")


def test_a_variable_without_labels_is_left_out_unless_it_was_asked_for(lab: Workspace) -> None:
    with Log.open(lab.labels) as log:
        log.add([Decision("ana", one.unit, "kind", "", NOW) for one in log.newest() if one.variable == "kind"])
    assert list(do(lab, "train.epochs=1").metrics["variables"]) == ["light"]
    with pytest.raises(DataError, match="no labels for kind"):
        do(lab, "variables=[kind]")


def test_a_round_that_somebody_else_has_published_meanwhile_is_refused_at_once(first: Done) -> None:
    """This run was asked for round 0 as well, and killed before the other one was done."""
    run = create(first.workspace, "round", shapes.SPEC, record={})
    write_json(first.workspace.runs / run.id / "work" / "asked.json", {"round": 0, "as_of": NOW})
    with pytest.raises(DataError, match=f"{first.run.id} has published round 0 meanwhile"):
        do(first.workspace, run=run)


def test_a_variable_that_the_test_set_does_not_know_is_told_apart(first: Done) -> None:
    text = first.workspace.file.read_text()
    first.workspace.file.write_text(text + "  size: {labels: [small, large]}\n")
    for n in range(8):
        label(first.workspace, [Unit(f"v{n}", 1)], at=NOW, size="small")
        label(first.workspace, [Unit(f"v{n}", 3)], at=NOW, size="large")
    with pytest.raises(DataError, match="size: no frames for test") as refused:
        do(first.workspace)
    assert "round 0" in refused.value.hint
    assert do(first.workspace, "variables=[light]", "train.epochs=1").round.number == 1


def test_a_damaged_round_is_named_before_anything_is_trained(first: Done) -> None:
    (first.round.folder / "sides.csv").unlink()
    with pytest.raises(DataError, match=r"round 0 is not whole: .*sides\.csv: is missing"):
        do(first.workspace)


def test_an_unknown_model_and_a_wrong_stage_are_refused(lab: Workspace) -> None:
    with pytest.raises(AskError, match="no model 'resnet5000'"):
        do(lab, "model.name=resnet5000")
    with pytest.raises(AskError, match=r"model\.train_from"):
        do(lab, "model.train_from=layer9")


def test_a_test_set_that_is_edited_while_a_round_runs_is_refused_at_its_end(
    first: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ask = first.workspace.rounds / "test_set.csv", looking.ask

    def edited(*words: Any) -> Any:
        path.write_text(path.read_text() + "v0,1,v0,disc,dark\n")
        return ask(*words)

    monkeypatch.setattr(looking, "ask", edited)
    with pytest.raises(DataError, match="is not the one of round 0") as refused:
        do(first.workspace, "variables=[light]", "train.epochs=1")
    assert "while this round ran" in refused.value.hint
    assert [one.number for one in rounds.read(first.workspace)] == [0]
