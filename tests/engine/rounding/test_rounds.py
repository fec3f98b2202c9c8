"""Rounds, read: what is there, what is damaged, and the verb that tells both."""

from __future__ import annotations

import json

import pytest

from engine import rounds
from engine.annotations.decision import Unit
from engine.errors import DataError
from engine.workspace import Workspace
from tests.conftest import Cli
from tests.engine.rounding.shapes import Done, units


def test_a_workspace_without_rounds_has_none(workspace: Workspace) -> None:
    assert rounds.read(workspace) == [] and rounds.queue(workspace) == []
    assert rounds.test_set_fault(workspace, []) == ""


def test_a_round_is_read_with_results_lineage_and_advice(first: Done) -> None:
    (found,) = rounds.read(first.workspace)
    assert (found.number, found.run, found.faults) == (0, first.run.id, ())
    kind, raw = found.results[0], first.metrics["variables"]["kind"]
    assert (kind.variable, kind.macro_f1, [kind.low, kind.high]) == (
        "kind", raw["test"]["macro_f1"], raw["test"]["intervals"]["macro_f1"],
    )  # fmt: skip
    assert (kind.gain, kind.from_round, kind.start, kind.test_frames) == (None, None, "base", raw["sizes"]["test"])
    assert [advice.name for advice in kind.guidance] == ["overfitting"]
    weights = found.weights("kind")
    assert weights is not None and weights.is_file() and found.weights("nothing") is None
    assert rounds.queue(first.workspace) == units(first.table("queue.csv"))
    assert isinstance(rounds.queue(first.workspace)[0], Unit)
    assert rounds.test_set_fault(first.workspace, [found]) == rounds.stop_set_fault(first.workspace, [found]) == ""


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("", "is damaged: no JSON object"),
        ('{"format": 1', "is damaged"),
        ("[]", "is damaged"),
        ('{"format": 9, "round": 0}', "format 9"),
        ('{"format": 1, "round": 3}', "is of round 3, not 0"),
        ('{"format": 1, "round": 0}', "tells of no variable"),
        ('{"format": 1, "round": 0, "variables": {"kind": {"test": [1], "guidance": {"a": 1}}}}', ""),
        ('{"format": 1, "round": 0, "variables": {"kind": null}, "sizes": 5, "query": []}', ""),
    ],
)
def test_damaged_metrics_are_a_fault_and_no_traceback(first: Done, cli: Cli, damage: str, told: str) -> None:
    folder = first.round.folder
    (folder / "metrics.json").write_text(damage)
    (found,) = rounds.read(first.workspace)
    assert told in " ".join(found.faults)
    said = cli("rounds")
    assert said.code == 0 and told in said.out


def test_each_missing_file_is_a_fault(first: Done) -> None:
    (first.round.folder / "weights" / "light.pth").unlink()
    (first.round.folder / "labels.csv").unlink()
    (found,) = rounds.read(first.workspace)
    assert [fault.rpartition("/")[2] for fault in found.faults] == [
        "labels.csv: is missing", "light.pth: is missing; the next round cannot start from it",
    ]  # fmt: skip


def test_an_edited_test_set_is_told_with_both_hashes(first: Done, cli: Cli) -> None:
    path = first.workspace.rounds / "test_set.csv"
    path.write_text(path.read_text() + "\n")
    fault = rounds.test_set_fault(first.workspace, rounds.read(first.workspace))
    assert first.metrics["test_set"]["sha256"] in fault and "instead of" in fault
    assert fault in cli("rounds").out and json.loads(cli("rounds", "--json").out)["faults"] == [fault]


def test_the_verb_tells_scores_sizes_and_lineage(first: Done, cli: Cli) -> None:
    assert cli("rounds").out.splitlines()[0].split() == [
        "ROUND", "VARIABLE", "TRAIN", "VALIDATION", "TEST", "MACRO-F1", "GAIN", "KAPPA", "ECE", "QUEUE", "FROM",
    ]  # fmt: skip
    assert "random weights" in cli("rounds").out and "macro-f1:" in cli("rounds", "--plain").out
    found = json.loads(cli("rounds", "--json").out)["rounds"][0]
    assert found["metrics"] == first.metrics and found["results"][0]["variable"] == "kind"


def test_the_verb_says_how_to_begin(workspace: Workspace, cli: Cli) -> None:
    assert "footplate run round" in cli("rounds").out
    assert json.loads(cli("rounds", "--json").out) == {"rounds": [], "faults": []}


def test_a_damaged_queue_is_named(workspace: Workspace) -> None:
    workspace.queue.write_text("video_id\nv1\n")
    with pytest.raises(DataError, match=r"queue\.csv: no column 'frame_index'"):
        rounds.queue(workspace)
