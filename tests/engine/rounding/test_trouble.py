"""What may come in the way of a round, and ways of asking."""

from __future__ import annotations

import csv
import shutil

import pytest

from engine.annotations import sync
from engine.annotations.decision import Decision, Unit
from engine.annotations.log import Log
from engine.errors import DataError
from engine.events import Flag
from engine.workspace import Workspace
from tests.engine.rounding import shapes
from tests.engine.rounding.shapes import NOW, Done, do, label, units

# --- what may come in the way ---------------------------------------------------------------------------------------


def test_a_video_that_does_not_decode_is_told_and_left_out(lab: Workspace) -> None:
    (lab.root / "videos" / "v5.mp4").write_bytes(b"no video at all")
    found = do(lab, "variables=[light]", "train.epochs=1").metrics
    (failure,) = found["failures"]
    assert (failure["video_id"], failure["frames"]) == ("v5", 12) and "cannot be decoded" in failure["reason"]
    assert found["sizes"]["frames"] == 7 * 12


def test_a_test_frame_that_is_gone_is_no_smaller_test_set(first: Done) -> None:
    video = next(row["video_id"] for row in first.table("sides.csv") if row["side"] == "test")
    (first.workspace.root / "videos" / f"{video}.mp4").unlink()
    with pytest.raises(DataError, match="test frames cannot be had"):
        do(first.workspace)


def test_videos_of_one_scene_never_train_and_judge(lab: Workspace) -> None:
    scenes = {f"v{n}": f"s{n // 2}" for n in range(8)}
    shapes.listed(lab, scenes, scenes)
    done = do(lab, "variables=[light]", "train.epochs=1")
    sides: dict[str, set[str]] = {}
    for row in done.table("sides.csv"):
        sides.setdefault(scenes[row["video_id"]], set()).add(row["side"])
    assert all(len(found) == 1 for found in sides.values()) and len(sides) == 4


def test_a_copy_of_a_test_video_leaves_training(lab: Workspace) -> None:
    """Somebody put the same footage in twice, and no scene tells."""
    for n in range(4):
        shutil.copyfile(lab.root / "videos" / f"v{n}.mp4", lab.root / "videos" / f"v{n + 10}.mp4")
    names = [f"v{n}" for n in (*range(8), *range(10, 14))]
    shapes.listed(lab, names)
    copies = [Unit(f"v{n + 10}", index) for n in range(4) for index in (0, 2, 4, 6, 8)]
    for unit in copies:
        label(lab, [unit], kind=shapes.kind(f"v{int(unit.video_id[1:]) - 10}", unit.frame_index),
              light=shapes.light(f"v{int(unit.video_id[1:]) - 10}", unit.frame_index))  # fmt: skip
    done = do(lab, "train.epochs=1", "sets.test=0.3")
    sides = {row["video_id"]: row["side"] for row in done.table("sides.csv")}
    apart = [n for n in range(4) if sides[f"v{n}"] != sides[f"v{n + 10}"]]
    assert apart, "the draw has put no copy on another side: choose another seed"
    found = done.metrics["duplicates"]
    assert found["dropped_from_training"] >= 5 * len(apart) and found["left"] == 0
    kept = {(row["video_id"], row["side"]) for row in done.table("labels.csv")}
    for n in apart:
        assert len({side for video, side in kept if video in (f"v{n}", f"v{n + 10}")}) == 1


def test_a_pool_of_copies_yields_one_pick(lab: Workspace) -> None:
    """Forty videos of one frame that nobody has seen."""
    pictures = [shapes.picture("v99", 7)] * 3
    for n in range(100, 140):
        shapes.video(lab.root / "videos" / f"v{n}.mp4", pictures, [0, 2000, 4000])
    with lab.frames.open("w") as file:
        file.write("video_id,frame_index\n")
        file.writelines(f"v{n},{index}\n" for n in range(8) for index in (0, 2, 4, 6, 8))
        file.writelines(f"v{n},{index}\n" for n in range(100, 140) for index in range(3))
    done = do(lab, "variables=[light]", "train.epochs=1", "sets.stop=0", "near_bits=4")
    assert done.metrics["sizes"]["pool"] == 120 and len(done.table("queue.csv")) == 1
    assert "only 1 that are different" in done.metrics["query"]["note"]


def test_an_empty_pool_asks_for_nothing_and_says_so(lab: Workspace) -> None:
    label(lab, [Unit(f"v{n}", index) for n in range(8) for index in range(12)], at=NOW)
    done = do(lab, "variables=[light]", "train.epochs=1")
    assert done.table("queue.csv") == [] and "the pool is empty" in done.metrics["query"]["note"]
    assert do(lab, "variables=[light]", "train.epochs=1").round.number == 1


SLOW = [pytest.param(score, marks=pytest.mark.slow) for score in ("margin", "k_centre", "typical")]


@pytest.mark.parametrize("score", ["bald", "badge", *SLOW])
def test_every_way_of_asking_fills_the_queue(lab: Workspace, score: str) -> None:
    words = ["variables=[kind]", "train.epochs=1", f"query.score={score}", "train.dropout=0.3"]
    found = do(lab, *words)
    assert len(found.table("queue.csv")) == 8 and found.metrics["query"]["used"] == score


def test_with_few_labels_typical_frames_come_first(lab: Workspace) -> None:
    done = do(lab, "variables=[kind]", "train.epochs=1", "query.typical_below=50")
    assert done.metrics["query"]["used"] == "typical"


def test_a_frozen_trunk_learns_its_tail_and_is_kept_in_the_cache(lab: Workspace) -> None:
    words = ["variables=[light]", "train.epochs=2", "model.train_from=layer4", "train.augment.flip=false"]
    done = do(lab, *words)
    assert list((lab.cache / "trunk").glob("*.npy"))
    again = do(lab, *words, "start=base")
    assert again.metrics["variables"]["light"]["test"] | {"a": 0} == done.metrics["variables"]["light"]["test"] | {
        "a": 0
    }


def test_what_coders_see_differently_is_left_out_and_what_an_adjudicator_says_counts(lab: Workspace) -> None:
    a, b, c = (Unit("v0", index) for index in (0, 2, 4))
    label(lab, [a, b], coder="ben", at=NOW, kind="disc")
    label(lab, [c], coder="ben", at=NOW, kind=shapes.kind(*c))
    with Log.open(lab.labels) as log:
        log.add([Decision("eve", b, "kind", "square", NOW, kind="adjudication", reason="corners")])
    found = do(lab, "variables=[kind]", "train.epochs=1").metrics
    differ = shapes.kind(*a) != "disc"
    assert found["labels"]["variables"]["kind"] == {
        "adjudicated": 1, "agreed": 2 - differ, "single": 37, **({"coders differ": 1} if differ else {}),
    }  # fmt: skip
    card = found["variables"]["kind"]["agreement"]
    assert card["coders"] == ["ana", "ben"] and card["alpha"] == card[f"alpha_{card['level']}"]


def test_labels_after_the_moment_do_not_count(lab: Workspace) -> None:
    label(lab, [Unit(f"v{n}", 10) for n in range(8)], at=NOW)
    assert do(lab, "variables=[light]", "train.epochs=1", "labels.as_of=1050000000").metrics["labels"]["units"] == 40


def test_another_label_in_the_log_does_not_change_the_test_set(first: Done) -> None:
    with (first.workspace.rounds / "test_set.csv").open() as file:
        row = next(csv.DictReader(file))
    other = "disc" if row["kind"] != "disc" else "bars"
    label(first.workspace, units([row]), at=NOW, kind=other)
    found = do(first.workspace, "variables=[kind]", "train.epochs=1").metrics
    assert found["test_set"]["changed_in_log"] == 1
    assert (
        found["variables"]["kind"]["sizes"]["test_by_class"]
        == first.metrics["variables"]["kind"]["sizes"]["test_by_class"]
    )


# --- where labels come from -----------------------------------------------------------------------------------------


def test_the_bucket_is_asked_first(lab: Workspace) -> None:
    """Labels that only the bucket has count, and the run's record says where they are from."""
    lab.file.write_text(lab.file.read_text() + f"bucket: file://{lab.root}/there\n")
    (lab.root / "there").mkdir()
    with Log.open(lab.labels) as log:
        sync.sync(lab, log)
    lab.labels.unlink()
    found = do(lab, "variables=[light]", "train.epochs=1").metrics["labels"]
    assert (found["source"], found["note"], found["units"]) == ("bucket", "", 40)


def test_a_bucket_that_cannot_be_read_is_flagged_and_the_local_labels_count(lab: Workspace) -> None:
    lab.file.write_text(lab.file.read_text() + "bucket: gs://nobody-can-read-this\n")
    done = do(lab, "variables=[light]", "train.epochs=1")
    found = done.metrics["labels"]
    assert found["source"] == "local" and "could not be read" in found["note"] and found["units"] == 40
    assert [flag.name for flag in done.said(Flag) if flag.name == "local_labels"]


def test_without_a_bucket_nothing_is_wrong(first: Done) -> None:
    assert first.metrics["labels"]["source"] == "local" and not first.metrics["labels"]["note"]
    assert not [flag for flag in first.said(Flag) if flag.name == "local_labels"]
