"""The job manifest: what is wrong is named with its line, nothing is dropped without a word, twins are found."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from engine import manifests, tables
from engine.contents import Contents
from engine.errors import DataError, Stopped
from engine.files import read_json, sha256
from engine.gathering import looking
from engine.run import create
from engine.workspace import Workspace
from tests import pictured
from tests.jobs import do, metrics, notes

HEAD = "image_path,label,split,source\n"


@pytest.fixture
def lab(workspace: Workspace) -> Workspace:
    """36 images of three classes and splits, and their manifest."""
    pictured.images(workspace.root / "images", each=4)
    return workspace


def manifest(lab: Workspace, *overrides: str) -> list[manifests.Row]:
    run = do(lab, "manifest", "manifests=[all.csv]", "data_root=images", *overrides)
    return list(manifests.rows(run.artifacts / "manifest.csv"))


def write(lab: Workspace, text: str, name: str = "all.csv") -> None:
    (lab.root / name).write_text(HEAD + text)


def test_every_row_is_kept_with_the_hash_of_its_file(lab: Workspace) -> None:
    rows = manifest(lab)
    assert len(rows) == 36
    assert all(row.sha256 == sha256(lab.root / "images" / row.image_path) for row in rows)


def test_missing_images_stop_the_job_with_their_number_and_the_first_ten(lab: Workspace) -> None:
    for number in range(11):
        (lab.root / "images" / f"train/{number:03d}.png").unlink()
    with pytest.raises(DataError, match=r"11 of 36 images are missing: all.csv, line 2: .*and 1 more") as told:
        manifest(lab)
    assert told.value.message.count("line") == 10


def test_missing_and_unreadable_images_are_told_at_once(lab: Workspace) -> None:
    (lab.root / "images/train/003.png").unlink()
    (lab.root / "images/val/001.png").write_text("no picture")
    with pytest.raises(DataError, match=r"1 of 36 images are missing: all.csv, line 5: .*; 1 are unreadable"):
        manifest(lab)


def test_missing_images_are_skipped_where_asked_and_their_number_is_said(lab: Workspace) -> None:
    (lab.root / "images/train/003.png").unlink()
    run = do(lab, "manifest", "manifests=[all.csv]", "data_root=images", "missing=skip")
    assert (metrics(run)["rows"], metrics(run)["missing"]) == (35, 1)
    assert "skipped: 1 of 36 images are missing" in notes(run)
    assert tables.read(run.artifacts / "problems.csv")[0]["image_path"] == "train/003.png"


def test_an_image_that_breaks_off_half_way_is_named_with_its_line(lab: Workspace) -> None:
    Image.effect_noise((64, 64), 90).save(lab.root / "images/a.jpg")
    whole = (lab.root / "images/a.jpg").read_bytes()
    (lab.root / "images/a.jpg").write_bytes(whole[: len(whole) // 2])
    write(lab, "a.jpg,sad,train,web\n")
    with pytest.raises(DataError, match=r"1 of 1 images are unreadable: all.csv, line 2: a.jpg \(OSError: .*truncated"):
        manifest(lab)


def test_a_wrong_root_is_named_with_the_folder_that_fits(lab: Workspace) -> None:
    with pytest.raises(DataError, match="none of the 36 images is there") as told:
        manifest(lab, "data_root=images/train")
    assert str(lab.root / "images") in told.value.hint


def test_a_label_that_training_never_shows_is_named_with_its_line(lab: Workspace) -> None:
    write(lab, "train/000.png,sad,train,web\ntest/000.png,Sad,test,web\n")
    with pytest.raises(DataError, match=r"1 rows with a label that split train does not have: 'Sad' .*line 3"):
        manifest(lab)


def test_a_label_that_was_not_allowed_is_named(lab: Workspace) -> None:
    with pytest.raises(DataError, match="12 rows with a label that labels does not have: 'sad'"):
        manifest(lab, "labels=[angry,happy]")


@pytest.mark.parametrize(
    ("row", "words"),
    [(",sad,train,web", "line 2: no image_path"), ("/a.png,sad,train,web", "leads out"), ("a.png,sad", "2 cells"),
     ("../a.png,x,train,web", "leads out"), ("a.png,,train,web", "no label")],
)  # fmt: skip
def test_a_row_that_is_none_is_named_with_its_line(lab: Workspace, row: str, words: str) -> None:
    write(lab, row + "\n")
    with pytest.raises(DataError, match=words):
        manifest(lab)


def test_several_manifests_become_one_and_keep_their_sources(lab: Workspace) -> None:
    write(lab, "train/000.png,angry,train,web\n", "a.csv")
    (lab.root / "b.csv").write_text("image_path,label,split\ntrain/001.png,happy,train\n")
    rows = manifest(lab, "manifests=[a.csv,b.csv]")
    assert [(row.image_path, row.source) for row in rows] == [("train/000.png", "web"), ("train/001.png", "b")]


def test_the_same_image_in_two_splits_is_found_by_what_it_holds(lab: Workspace) -> None:
    shutil.copy(lab.root / "images/train/000.png", lab.root / "images/test/copy.png")
    with (lab.root / "all.csv").open("a") as file:
        file.write("test/copy.png,sad,test,web\n")
    run = do(lab, "manifest", "manifests=[all.csv]", "data_root=images")
    twins = tables.read(run.artifacts / "duplicates.csv")
    assert {(row["image_path"], row["kind"]) for row in twins} == {
        ("train/000.png", "two splits"), ("test/copy.png", "two splits")
    }  # fmt: skip
    report = read_json(run.artifacts / "manifest.json")
    assert (report["in_two_splits"], report["with_two_labels"], report["leaks"]) == (1, 1, {"test + train": 1})
    assert "train/000.png (train, line 2) = test/copy.png (test, line 38)" in notes(run)
    with pytest.raises(DataError, match="in two splits: 1 in test \\+ train"):
        manifest(lab, "leaks=stop")


def test_counts_are_those_of_the_rows(lab: Workspace) -> None:
    run = do(lab, "manifest", "manifests=[all.csv]", "data_root=images")
    counts = {(row["split"], row["label"]): int(row["rows"]) for row in tables.read(run.artifacts / "counts.csv")}
    assert counts == {(split, label): 4 for split in pictured.SPLITS for label in pictured.CLASSES}


def test_what_was_seen_before_is_not_read_again_until_the_file_changes(lab: Workspace) -> None:
    path = lab.root / "images/train/000.png"
    os.utime(path, (1, 1))
    first = looking.look(str(path), None, decode=True)
    assert first is not None
    assert looking.look(str(path), first, decode=True) is first
    Image.new("RGB", (9, 9)).save(path)
    second = looking.look(str(path), first, decode=True)
    assert second is not None
    assert second.sha256 == sha256(path) != first.sha256


def test_processes_answer_in_order_like_one(lab: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "PORTION", 7)
    one = manifest(lab)
    shutil.rmtree(lab.cache)
    assert manifest(lab, "compute.processes=2") == one


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "contents.sqlite").write_bytes(b"no database at all" * 100)
    assert Contents(tmp_path / "contents.sqlite").known(["x"]) == {}


def test_a_run_that_was_interrupted_gives_the_same_manifest(lab: Workspace) -> None:
    whole = do(lab, "manifest", "manifests=[all.csv]", "data_root=images")
    shutil.rmtree(lab.cache)
    run = create(lab, "manifest", "", record={})
    run.stop.touch()
    with pytest.raises(Stopped):
        do(lab, "manifest", "manifests=[all.csv]", "data_root=images", run=run)
    run.stop.unlink()
    do(lab, "manifest", "manifests=[all.csv]", "data_root=images", run=run)
    assert (run.artifacts / "manifest.csv").read_bytes() == (whole.artifacts / "manifest.csv").read_bytes()
