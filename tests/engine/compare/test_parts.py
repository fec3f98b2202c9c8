"""Stages of a run and runs of a sweep side by side, and their reliability."""

from __future__ import annotations

import json

import pytest

from engine.compare import parts, side, whole, words
from engine.errors import AskError
from engine.files import write_json
from engine.run import create
from engine.workspace import Workspace
from tests.conftest import Cli
from tests.engine.compare.studies import LABELS, bins, rows, staged, studied


def test_one_run_alone_is_its_stages_side_by_side_with_paired_intervals(workspace: Workspace) -> None:
    run = staged(workspace)
    found = whole.with_paired(whole.of(workspace, side.chosen(workspace, [run.id])))
    assert [one.id for one in found.sides] == [f"{run.id}:ce", f"{run.id}:kd"]
    row = next(row for row in found.metrics if row.name == "accuracy")
    assert row.values == (0.5, 1.0) and row.paired[1] is not None
    assert row.paired[1].difference == 0.5 and row.paired[1].items == 10


def test_a_stage_may_stand_beside_that_of_another_run(workspace: Workspace) -> None:
    one, other = staged(workspace), staged(workspace)
    found = whole.of(workspace, side.chosen(workspace, [f"{one.id}:kd", f"{other.id}:kd"]))
    assert [one.stage for one in found.sides] == ["kd", "kd"]
    with pytest.raises(AskError, match="no stage 'dkd'"):
        side.chosen(workspace, [f"{one.id}:dkd", other.id])


def test_a_sweep_alone_is_its_runs_side_by_side(workspace: Workspace) -> None:
    made = [studied(workspace, title, rows(LABELS, LABELS)) for title in ("t 2", "t 4")]
    parent = create(workspace, "distill", "", record={})
    write_json(parent.artifacts / parts.SWEEP_FILE, {"runs": [{"run": run.id} for run in made]})
    assert [part.id for part in side.chosen(workspace, [parent.id])] == [run.id for run in made]


def test_of_a_large_sweep_the_chosen_run_is_the_reference_and_those_left_out_are_named(
    workspace: Workspace, cli: Cli
) -> None:
    made = [create(workspace, "distill", "", record={"title": f"t {n}"}).id for n in range(side.MOST + 2)]
    parent = create(workspace, "distill", "", record={})
    told = {"chosen": made[-1], "runs": [{"run": name} for name in made]}
    write_json(parent.artifacts / parts.SWEEP_FILE, told)
    answer = json.loads(cli("compare", parent.id, "--json").out)
    assert [one["id"] for one in answer["runs"]] == [made[-1], *made[: side.MOST - 1]]
    assert [note for note in answer["notes"] if all(name in note for name in made[side.MOST - 1 : -1])]


def test_a_run_without_stages_or_a_sweep_needs_another_one(workspace: Workspace) -> None:
    run = studied(workspace, "plain", rows(LABELS, LABELS))
    with pytest.raises(AskError, match="1 runs cannot be compared"):
        side.chosen(workspace, [run.id])


def test_bins_without_predictions_are_left_out_and_others_stand_over_each_other(workspace: Workspace) -> None:
    run = staged(workspace)
    found = whole.of(workspace, side.chosen(workspace, [run.id]))
    assert [row.name for row in found.reliability] == ["raw 0.50-1.00", "scaled 0.50-1.00"]
    assert [words.bin_(one) for one in found.reliability[0].values] == ["0.50 (-0.40) 10", "1.00 (+0.10) 10"]
    assert "| raw 0.50-1.00 | 0.50 (-0.40) 10 | 1.00 (+0.10) 10 |" in words.markdown(found)


def test_the_bins_of_an_ensemble_are_raw(workspace: Workspace) -> None:
    made = [studied(workspace, title, rows(LABELS, LABELS)) for title in ("one", "other")]
    write_json(made[0].artifacts / "ensemble_metrics.json", {"bins": bins(0.8)})
    found = whole.of(workspace, side.chosen(workspace, [run.id for run in made]))
    assert [(row.name, row.values[1]) for row in found.reliability] == [("raw 0.50-1.00", None)]
