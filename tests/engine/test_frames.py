"""The job frames: counts, lists, adds, and tells of everything that is not as it was."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import events, tables
from engine.annotations import frames as listed
from engine.config import parse
from engine.errors import DataError, Stopped
from engine.events import Flag, Metric, Note
from engine.files import read_json
from engine.jobs import frames
from engine.record import Recorder
from engine.run import Run, create
from engine.specs.frames import Frames
from engine.vision import tally
from engine.workspace import Workspace
from tests.engine.vision.small import grey, video
from tests.lab import made


@pytest.fixture
def lab(workspace: Workspace) -> Workspace:
    """Three videos, of 20, 7 and 3 frames."""
    for name, count in (("a", 20), ("b", 7), ("c", 3)):
        video(workspace.root / "videos" / f"{name}.mp4", [grey(n) for n in range(count)])
    return workspace


def do(lab: Workspace, *overrides: str, run: Run | None = None) -> Run:
    spec = parse(Frames, "", "spec.yaml", overrides)
    run = run or create(lab, "frames", "", record={})
    out = Recorder(lab, run, attempt=1, device="cpu")
    try:
        frames.run(spec, out)
        out.conclude()
    finally:
        out.close()
    return run


def said(run: Run, kind: type[events.Event]) -> list[Any]:
    return [event for event in events.read(run.events)[0] if isinstance(event, kind)]


def of(lab: Workspace, video_id: str) -> list[int]:
    return [unit.frame_index for unit in listed.units(lab) if unit.video_id == video_id]


def test_each_video_gives_frames_evenly_spread_and_a_short_one_all_of_them(lab: Workspace) -> None:
    run = do(lab, "frames_per_video=5")
    assert (of(lab, "a"), of(lab, "b"), of(lab, "c")) == ([2, 6, 10, 14, 18], [0, 2, 3, 4, 6], [0, 1, 2])
    assert set(made(run)) == {"frames.csv", "failures.csv", "videos.json"}
    assert (run.artifacts / "frames.csv").read_bytes() == lab.frames.read_bytes()
    assert read_json(lab.frames.with_suffix(".json"))["videos"]["a"]["frames"] == 20
    assert {event.name: event.value for event in said(run, Metric)} == {
        "frames": 13, "frames_added": 13, "videos_failed": 0,
    }  # fmt: skip


def test_the_workspace_says_how_many_where_nobody_else_does(lab: Workspace) -> None:
    do(lab)
    assert len(of(lab, "a")) == lab.settings.frames_per_video == 10


def test_what_is_listed_keeps_its_place_and_columns_and_new_videos_come_after(lab: Workspace) -> None:
    lab.frames.write_text("video_id,frame_index,scene\nb,5,man\nb,1,\n")
    do(lab, "frames_per_video=2")
    assert tables.read(lab.frames)[:2] == [
        {"video_id": "b", "frame_index": "5", "scene": "man"}, {"video_id": "b", "frame_index": "1", "scene": ""},
    ]  # fmt: skip
    assert of(lab, "b") == [5, 1] and of(lab, "a") == [5, 15]
    before = lab.frames.read_bytes()
    video(lab.root / "videos" / "aa.mp4", [grey(n) for n in range(4)])
    do(lab, "frames_per_video=2")
    assert lab.frames.read_bytes().startswith(before) and of(lab, "aa") == [1, 3]


def test_nothing_new_changes_no_byte_and_reads_no_video_again(lab: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    do(lab)
    before = lab.frames.read_bytes()
    monkeypatch.setattr(tally, "counted", lambda path: pytest.fail(f"{path} was counted again"))
    do(lab)
    assert lab.frames.read_bytes() == before


def test_a_video_that_does_not_decode_is_told_and_listed_among_failures(lab: Workspace) -> None:
    (lab.root / "videos" / "bad.mp4").write_bytes(b"nothing")
    run = do(lab)
    (failure,) = tables.read(run.artifacts / "failures.csv")
    assert failure["video_id"] == "bad" and "cannot be decoded" in failure["reason"] and failure["hint"]
    assert any("bad: left out" in note.text for note in said(run, Note)) and not of(lab, "bad")


def test_a_video_that_was_replaced_is_told_and_its_frames_stay(lab: Workspace) -> None:
    do(lab, "frames_per_video=4")
    before = of(lab, "a")
    video(lab.root / "videos" / "a.mp4", [grey(250 - n) for n in range(12)])
    run = do(lab, "frames_per_video=4")
    flags = {flag.name: flag.text for flag in said(run, Flag)}
    assert "a: another video than before: 20 frames, now 12" in flags["replaced"]
    assert "has 12 frames, but frames.csv names [12, 17]" in flags["no_such_frame"] and of(lab, "a") == before
    assert not said(do(lab), Flag) or "replaced" not in {flag.name for flag in said(do(lab), Flag)}


def test_a_video_that_was_only_touched_is_the_same(lab: Workspace) -> None:
    do(lab)
    os.utime(lab.root / "videos" / "a.mp4", (1, 1))
    assert not said(do(lab), Flag)


def test_a_video_that_is_gone_is_told_and_its_frames_stay(lab: Workspace) -> None:
    do(lab)
    (lab.root / "videos" / "b.mp4").unlink()
    (flag,) = said(do(lab), Flag)
    assert flag.name == "gone" and "not there any more" in flag.text and of(lab, "b")


def test_pictures_and_folders_of_them_count_as_videos(lab: Workspace) -> None:
    folder = lab.root / "videos" / "shots"
    folder.mkdir()
    for number in (3, 8, 40):
        Image.fromarray(grey(number)).save(folder / f"{number:04}.png")
    Image.fromarray(np.asarray(grey(9))).save(lab.root / "videos" / "still.jpg")
    (lab.root / "videos" / "notes.txt").write_text("of the shoot")
    run = do(lab, "frames_per_video=2")
    assert of(lab, "shots") == [3, 40] and of(lab, "still") == [0]
    assert any("notes.txt: is no video" in note.text for note in said(run, Note))


def test_a_stopped_count_goes_on_with_the_next_video(lab: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    honest = tally.counted

    def counting(path: Path) -> tally.Video:
        counted.append(path.stem)
        return honest(path)

    monkeypatch.setattr(tally, "counted", counting)
    run = create(lab, "frames", "", record={})
    run.stop.touch()
    for _ in range(3):
        with pytest.raises(Stopped):
            do(lab, run=run)
    run.stop.unlink()
    do(lab, run=run)
    assert sorted(counted) == ["a", "b", "c"]


def test_no_folder_no_videos_and_no_frame_at_all_say_what_to_do(lab: Workspace) -> None:
    with pytest.raises(DataError, match="there is no"):
        do(lab, "videos=nowhere/")
    for name in "abc":
        (lab.root / "videos" / f"{name}.mp4").write_bytes(b"nothing")
    with pytest.raises(DataError, match="no frame of any video decodes"):
        do(lab)
    shutil.rmtree(lab.root / "videos")
    (lab.root / "videos").mkdir()
    with pytest.raises(DataError, match="no videos in it"):
        do(lab)
    assert not lab.frames.exists()
