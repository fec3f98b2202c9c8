"""The job round: what it leaves, and what it hands on to the next one."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.annotations.decision import Unit
from engine.events import Metric, Note
from engine.files import read_json, sha256
from engine.vision import checkpoint, models
from engine.workspace import Workspace
from tests.engine.rounding import shapes
from tests.engine.rounding.shapes import Done, answered, do, hashes, units
from tests.lab import made

FILES = {
    "metrics.json", "queue.csv", "sides.csv", "labels.csv", "predictions_test.csv", "predictions_stop.csv",
    "pool_scores.csv", "weights/kind.pth", "weights/kind.json", "weights/light.pth", "weights/light.json",
}  # fmt: skip


# --- round 0 --------------------------------------------------------------------------------------------------------


def test_round_0_leaves_its_files_in_rounds_and_the_same_bytes_as_artifacts(first: Done) -> None:
    there = hashes(first.round.folder)
    assert set(there) == FILES
    fixed = {name: sha256(first.workspace.rounds / name) for name in ("test_set.csv", "stop_set.csv")}
    assert made(first.run) == there | fixed
    assert not first.round.faults
    assert (first.workspace.root / "queue.csv").read_bytes() == (first.round.folder / "queue.csv").read_bytes()
    record = read_json(first.round.folder / "round.json")
    assert (record["round"], record["run"]) == (0, first.run.id)


def test_the_same_question_has_the_same_bytes_as_answer(first: Done, lab: Workspace, tmp_path: Path) -> None:
    other = tmp_path / "again"
    shutil.copytree(lab.root, other, ignore=shutil.ignore_patterns("rounds", "runs", "cache", "queue.csv"))
    assert hashes(do(Workspace(other)).round.folder) == hashes(first.round.folder)


def test_the_test_set_is_a_fifth_by_video_with_the_labels_of_its_day(first: Done) -> None:
    with (first.workspace.rounds / "test_set.csv").open() as file:
        rows = list(csv.DictReader(file))
    videos = {row["video_id"] for row in rows}
    assert len(rows) == 5 * len(videos) and len(videos) in (1, 2)
    assert all(row["kind"] == shapes.kind(row["video_id"], int(row["frame_index"])) for row in rows)
    sides = {row["video_id"]: row["side"] for row in first.table("sides.csv")}
    assert {video for video, side in sides.items() if side == "test"} == videos
    assert set(sides.values()) == {"train", "validation", "test"}
    assert first.metrics["test_set"]["sha256"] == sha256(first.workspace.rounds / "test_set.csv")


def test_metrics_add_up(first: Done) -> None:
    found = first.metrics
    assert found["sizes"]["frames"] == 8 * 12 and found["labels"]["units"] == 40
    for name, one in found["variables"].items():
        table = np.array(one["test"]["confusion"])
        rows = [row for row in first.table("predictions_test.csv") if row["variable"] == name]
        assert table.sum() == len(rows) == one["sizes"]["test"] == found["test_set"]["frames"]
        right = sum(int(row["right"]) for row in rows)
        assert one["test"]["accuracy"] == pytest.approx(right / len(rows)) == np.trace(table) / table.sum()
        assert sum(one["sizes"][f"{side}"] for side in ("train", "validation", "test")) == 40
        low, high = one["test"]["intervals"]["macro_f1"]
        assert low <= one["test"]["macro_f1"] <= high
        for row in rows:
            scores = json.loads(row["scores"])
            assert max(scores, key=scores.get) == row["predicted"] and sum(scores.values()) == pytest.approx(
                1, abs=1e-4
            )
        assert sha256(first.round.folder / one["lineage"]["file"]) == one["lineage"]["sha256"]
        assert [advice["name"] for advice in one["guidance"]] == ["overfitting"]
        assert one["gain"] is None and one["stop_set"] is None and one["arms"] is None


def test_a_model_learns_what_can_be_seen(lab: Workspace) -> None:
    found = do(lab, "train.epochs=6", "variables=[light]").metrics["variables"]["light"]
    assert found["test"]["accuracy"] == 1.0
    losses = found["training"]["starts"]["base"]["validation_losses"]
    assert min(losses) < losses[0] / 1.5


def test_the_pool_is_what_nobody_has_seen_outside_of_test_and_stop_set(first: Done) -> None:
    pool = set(units(first.table("pool_scores.csv")))
    with (first.workspace.rounds / "stop_set.csv").open() as file:
        stop = set(units(list(csv.DictReader(file))))
    test = {row["video_id"] for row in first.table("sides.csv") if row["side"] == "test"}
    labelled = {Unit(f"v{n}", index) for n in range(8) for index in (0, 2, 4, 6, 8)}
    everything = {Unit(f"v{n}", index) for n in range(8) for index in range(12)}
    assert stop <= everything - labelled and len(stop) == 10
    assert pool <= {unit for unit in everything - labelled - stop if unit.video_id not in test}
    left = first.metrics["duplicates"]["pool_like_labelled"]
    assert len(pool) + left == len({u for u in everything - labelled - stop if u.video_id not in test})


def test_the_queue_keeps_quotas_distances_and_its_share_of_chance(first: Done) -> None:
    rows = first.table("queue.csv")
    assert len(rows) == 8 and Counter(row["arm"] for row in rows) == {"model": 6, "random": 2}
    by_video: dict[str, list[int]] = {}
    for unit in units(rows):
        by_video.setdefault(unit.video_id, []).append(unit.frame_index)
    for indices in by_video.values():
        # Two frames a second.
        assert len(indices) <= 2 and (len(indices) < 2 or abs(indices[0] - indices[1]) >= 2)
    assert first.metrics["query"]["videos"] == len(by_video)


def test_scores_of_the_pool_are_sums_of_entropies_after_temperature(first: Done) -> None:
    for row in first.table("pool_scores.csv"):
        parts = [float(row[f"{name}_score"]) for name in ("kind", "light")]
        assert all(0 <= part <= 1 for part in parts)
        assert float(row["score"]) == pytest.approx(sum(parts), abs=2e-6)
    ranked = [row for row in first.table("pool_scores.csv") if row["rank"]]
    asked = {(row["video_id"], row["frame_index"]): (row["rank"], row["arm"]) for row in first.table("queue.csv")}
    assert {(row["video_id"], row["frame_index"]): (row["rank"], row["arm"]) for row in ranked} == asked


def test_what_a_round_found_is_said_as_metrics_and_notes(first: Done) -> None:
    results = {event.name: event.value for event in first.said(Metric) if event.step is None}
    assert results["kind.macro_f1"] == first.metrics["variables"]["kind"]["test"]["macro_f1"]
    curves = {event.name for event in first.said(Metric) if event.step is not None}
    assert curves >= {"kind.base.train_loss", "light.base.validation_loss"}
    assert any("labels that count: 40 single" in event.text for event in first.said(Note))


# --- round 1 --------------------------------------------------------------------------------------------------------


def test_round_1_learns_from_the_queue_starts_from_round_0_and_keeps_all_sides(first: Done) -> None:
    before = {row["video_id"]: row["side"] for row in first.table("sides.csv")}
    asked, test_set = answered(first), sha256(first.workspace.rounds / "test_set.csv")
    second = do(first.workspace)
    assert (second.round.number, second.metrics["parent"]) == (1, 0)
    assert {row["video_id"]: row["side"] for row in second.table("sides.csv")} == before
    trained = {
        unit
        for unit, row in zip(units(second.table("labels.csv")), second.table("labels.csv"), strict=True)
        if row["side"] != "test"
    }
    dropped = second.metrics["duplicates"]["dropped_from_training"]
    assert len(set(asked) - trained) <= dropped and second.metrics["sizes"]["added"] == len(set(asked) & trained)
    assert sha256(first.workspace.rounds / "test_set.csv") == test_set == second.metrics["test_set"]["sha256"]
    for name in ("kind", "light"):
        one, earlier = second.metrics["variables"][name], first.metrics["variables"][name]
        assert one["lineage"]["from"] == {
            "file": f"rounds/round_00/weights/{name}.pth", "sha256": earlier["lineage"]["sha256"], "round": 0,
            "head": "given",
        }  # fmt: skip
        gain = one["test"]["macro_f1"] - earlier["test"]["macro_f1"]
        assert one["gain"]["macro_f1"] == pytest.approx(gain)
        low, high = one["gain"]["intervals"]["macro_f1"]
        assert low <= gain <= high
        assert [advice["name"] for advice in one["guidance"]] == ["diminishing_returns", "overfitting", "stable"]
        # Two videos cannot tell anything, and that is what is said.
        assert one["guidance"][0]["verdict"] == "cannot tell" and "test frames" in one["guidance"][0]["says"]
        assert -1 <= one["stop_set"]["kappa"] <= 1 and one["stop_set"]["frames"] == 10
    assert set(units(second.table("queue.csv"))).isdisjoint(asked)


def test_round_1_tells_how_wrong_the_last_model_was_on_what_it_asked_for(first: Done) -> None:
    answered(first)
    arms = {
        tuple(unit): row["arm"]
        for unit, row in zip(units(first.table("queue.csv")), first.table("queue.csv"), strict=True)
    }
    said = {
        tuple(unit): row["kind_predicted"]
        for unit, row in zip(units(first.table("pool_scores.csv")), first.table("pool_scores.csv"), strict=True)
    }
    second = do(first.workspace, "variables=[kind]")
    there = {tuple(unit) for unit in units(second.table("labels.csv"))}
    found = second.metrics["variables"]["kind"]["arms"]
    for arm in ("model", "random"):
        mine = [key for key, name in arms.items() if name == arm and key in there]
        wrong = sum(said[key] != shapes.kind(*key) for key in mine)
        assert found[arm] == {"frames": len(mine), "wrong": wrong, "error": wrong / len(mine)}
    assert found["interval"][0] <= found["difference"] <= found["interval"][1]


def test_with_both_starts_the_better_by_validation_is_kept_and_both_are_logged(first: Done) -> None:
    answered(first)
    second = do(first.workspace, "start=both", "variables=[light]", "train.epochs=2")
    found = second.metrics["variables"]["light"]
    starts = found["training"]["starts"]
    assert set(starts) == {"chain", "base"}
    best = min(starts, key=lambda name: starts[name]["validation_loss"])
    assert found["training"]["kept"] == found["lineage"]["start"] == best
    assert all(len(one["losses"]) == one["epochs"] and "test_macro_f1" in one for one in starts.values())
    assert found["validation"]["loss"] == starts[best]["validation_loss"] == min(starts[best]["validation_losses"])


def test_a_round_may_start_from_the_base_again(first: Done) -> None:
    path = first.workspace.root / "weights" / "base.pth"
    torch.manual_seed(5)
    path.parent.mkdir(exist_ok=True)
    checkpoint.save(path, models.build("test_resnet", 2).state_dict())
    found = do(first.workspace, "start=base", "variables=[light]", "model.weights=weights/base.pth", "train.epochs=1")
    origin = found.metrics["variables"]["light"]["lineage"]["from"]
    assert origin == {"file": "weights/base.pth", "sha256": sha256(path), "round": None, "head": "given"}
