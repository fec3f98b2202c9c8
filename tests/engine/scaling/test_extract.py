"""The job extract: one decode for all, and an extractor that is added runs alone."""

from __future__ import annotations

import csv
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from engine import launch
from engine.errors import DataError
from engine.files import read_json
from engine.inferring import measuring, sharing
from engine.jobs import extract
from engine.record import Recorder
from engine.run import Run, create
from engine.scaling.failures import ELSEWHERE
from engine.scaling.journal import Journal
from engine.specs.extract import Extract
from engine.vision import extractors
from engine.vision.consuming import Column
from engine.vision.extractors import Entry
from engine.workspace import Workspace
from tests import lab
from tests.engine.scaling.means import Means

SEEN: dict[str, int] = {}


class Brightness(Means):
    """An extractor of a test: one file, and a line in the table."""

    needs: ClassVar[Mapping[str, Any]] = {}
    stamp_now: ClassVar[str] = "brightness 1"

    def __init__(self, weights: Mapping[str, Any], threads: int = 1) -> None:
        super().__init__(name="brightness", stamp=self.stamp_now)

    def frames(self, batch: Any) -> Any:
        SEEN["brightness"] = SEEN.get("brightness", 0) + len(batch.pixels)
        return super().frames(batch)


@pytest.fixture
def study(workspace: Workspace, videos: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with some clips, and a table of extractors with one more line."""
    for number in range(8):
        shutil.copy(videos / f"clip{number:04}.mp4", workspace.root / "videos")
    shutil.copy(videos / "cut.mp4", workspace.root / "videos")
    entry = Entry("tests.engine.scaling.test_extract:Brightness", "how bright")
    monkeypatch.setitem(extractors.TABLE, "brightness", entry)
    SEEN.clear()
    return workspace


def run(study: Workspace, *names: str, frames: int = 3, weights: Any = None) -> Run:
    """The job in this process."""
    made = create(study, "extract", "", record={}, parents={})
    out = Recorder(study, made, attempt=1, device="cpu")
    extract.run(Extract(extractors=names, frames_per_video=frames, weights=weights or {}), out)
    out.conclude()
    out.close()
    return made


def rows(run: Run, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((run.artifacts / name).read_text().splitlines()))


def test_an_extractor_that_is_added_runs_alone_over_what_is_known(
    study: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(study, "colour")
    assert [row["video_id"] for row in rows(first, "features_video.csv")] == [f"clip{n:04}" for n in range(8)]
    assert [row["reason"] for row in rows(first, "failures.csv")] == ["truncated"]

    def never(*_: object) -> None:
        raise AssertionError("colour was asked again")

    monkeypatch.setattr("engine.vision.extractors.colour.Colour.frames", never)
    second = run(study, "colour", "brightness")
    old, new = rows(first, "features.csv"), rows(second, "features.csv")
    assert [row["color_entropy"] for row in new] == [row["color_entropy"] for row in old]
    assert all(row["brightness_red"] for row in new)
    assert SEEN["brightness"] == len(new) == 24


def test_a_changed_extractor_runs_again_and_the_others_do_not(
    study: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(study, "colour", "brightness")
    run(study, "colour", "brightness")
    assert SEEN["brightness"] == 24
    monkeypatch.setattr(Brightness, "stamp_now", "brightness 2")
    run(study, "colour", "brightness")
    assert SEEN["brightness"] == 48


def test_a_video_whose_bytes_have_changed_is_looked_at_again_and_the_others_are_not(study: Workspace) -> None:
    run(study, "brightness")
    place = study.root / "videos"
    shutil.copy(place / "clip0001.mp4", place / "clip0000.mp4")
    (place / "clip0002.mp4").touch()  # the same bytes at another time
    SEEN.clear()
    changed = {row["video_id"]: row for row in rows(run(study, "brightness"), "features_video.csv")}
    assert SEEN["brightness"] == 3
    assert changed["clip0000"]["brightness_video"] == changed["clip0001"]["brightness_video"]


def test_another_number_of_frames_is_another_question(study: Workspace) -> None:
    run(study, "brightness")
    run(study, "brightness", frames=2)
    assert SEEN["brightness"] == 24 + 16


def test_an_extractor_that_is_switched_off_leaves_no_column(study: Workspace) -> None:
    both, one = run(study, "colour", "brightness"), run(study, "colour")
    header = list(rows(one, "features.csv")[0])
    assert "color_entropy" in header and not any("brightness" in name for name in header)
    assert [row["color_entropy"] for row in rows(one, "features.csv")] == [
        row["color_entropy"] for row in rows(both, "features.csv")
    ]


def test_weights_of_another_hash_end_the_run_before_a_video_is_looked_at(study: Workspace) -> None:
    (study.root / "mine.onnx").write_bytes(b"other bytes")
    given = {"text": {"detector": {"path": "mine.onnx", "sha256": "0" * 64}}}
    with pytest.raises(DataError, match=r"mine\.onnx: its SHA-256 is .* expected 0000"):
        run(study, "brightness", "text", weights=given)
    assert SEEN == {}


def test_a_run_that_is_killed_ends_with_the_bytes_of_one_that_was_not(study: Workspace) -> None:
    asked = ["extractors=[colour]", "frames_per_video=3", "compute.processes=1"]
    for number in range(8, 60):
        shutil.copy(study.root / "videos" / f"clip{number % 8:04}.mp4", study.root / "videos" / f"clip{number:04}.mp4")
    whole = launch.submit(study, "extract", "", "a test", asked)
    assert lab.ended(whole).state == "done", whole.log.read_text()
    shutil.rmtree(study.cache / "extract")
    cut = launch.submit(study, "extract", "", "a test", asked)
    lab.until(lambda: lab.says(cut, "Progress") and cut.status().job_pid, "it has begun")
    os.kill(cut.status().job_pid or 0, signal.SIGKILL)
    lab.ended(cut)
    launch.resume(study, cut)
    assert lab.ended(cut).state == "done", cut.log.read_text()
    assert len(rows(cut, "features_video.csv")) == 60
    assert lab.made(cut) == lab.made(whole)


def test_what_hung_on_the_moment_is_tried_again_by_the_next_run_and_by_no_resume(tmp_path: Path) -> None:
    cache, work = tmp_path / "cache", tmp_path / "work"
    work.mkdir()
    before = Journal(cache / "key", every=2)
    for reason in ("", "unreadable", *sorted(ELSEWHERE)):
        before.put(reason or "fine", "1:1", "", {"failed": reason} if reason else {"frames": [], "video": []})
    before.close()
    sharing.seed(cache, work)
    now = Journal(work / "key")
    assert {name for name in ("fine", "unreadable", *ELSEWHERE) if name in now} == {"fine", "unreadable"}
    now.put("deadline", "1:1", "", {"failed": "deadline"})
    now.close()
    sharing.seed(cache, work)
    again = Journal(work / "key")
    assert "deadline" in again, "within a run it has failed, so that a kill changes no table"
    again.close()


def test_means_and_ranges_are_told_of_each_feature_as_the_table_has_them(study: Workspace) -> None:
    made = run(study, "colour", "brightness")
    found = read_json(made.artifacts / "summary.json")
    values = [float(row["color_entropy"]) for row in rows(made, "features_video.csv")]
    assert found["color_entropy"] == {"videos": 8, "mean": pytest.approx(sum(values) / 8, abs=1e-6),
                                      "min": min(values), "max": max(values), "unit": "bits"}  # fmt: skip
    said = made.events.read_text()
    assert "color_entropy_sd" in said and "means over videos" in said


def test_a_measure_leaves_out_what_is_empty_and_counts_what_is_yes() -> None:
    columns = [Column("gaze", "float", "", "", ""), Column("has", "bool", ""), Column("kinds", "text", "")]
    (gaze, has), videos = measuring.of(columns, [[0.5, True, "a"], [None, False, ""], [1.0, True, "b"]])
    assert videos == 3
    assert gaze.words(videos) == "gaze 0.75 (0.5 to 1, in 2 of 3 videos)"
    assert has.words(videos) == "has in 2 of 3 videos"
    (never,), _ = measuring.of(columns[:1], [[None]])
    assert never.words(1) == "gaze of no video" and never.to_json() == {"videos": 0}


def test_every_column_of_every_table_is_in_the_dictionary(study: Workspace) -> None:
    made = run(study, "colour", "brightness")
    told = {(row["table"], row["column"]) for row in rows(made, "data_dictionary.csv") if row["definition"]}
    for table in ("features", "features_video", "failures"):
        header = (made.artifacts / f"{table}.csv").read_text().splitlines()[0].split(",")
        assert {(table, column) for column in header} <= told
