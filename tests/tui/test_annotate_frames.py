"""Annotate: the frame in view, how it is looked at, and what becomes of one that cannot be shown."""

from __future__ import annotations

from pathlib import Path

from engine.vision.decode import pick
from engine.workspace import Workspace
from tests.tui import labelled
from tests.tui.helpers import LARGE, SMALL, sees, words
from tests.tui.labelled import alone, typed
from tui.screens.annotate import AnnotateScreen
from tui.widgets.picture import Picture


async def test_read_only_shows_frames_and_saves_nothing(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace), read_only=True)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "0 of", "read-only")
        typed(app, "w", "z", "F")
        await sees(pilot, "--read-only")
        typed(app, "space")
        await sees(pilot, "frame 2")
    assert not workspace.labels.exists() and not (workspace.cache / "frames").exists()


async def test_no_key_labels_where_the_screen_is_too_small(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=(60, 14)) as pilot:
        await sees(pilot, "0 of", "w first")
        await pilot.resize_terminal(20, 5)
        await sees(pilot, "too small")
        typed(app, *"wa")
        await pilot.pause()
        await pilot.resize_terminal(60, 14)
        await sees(pilot, "0 of", "w first")
        typed(app, *"wa")
        await sees(pilot, "1 of")


async def test_a_broken_video_is_passed_over_without_its_name(workspace: Workspace) -> None:
    labelled.study(workspace, videos=3, frames=1)
    (workspace.root / "videos" / f"{labelled.SECRET}01.mp4").write_bytes(b"no video")
    app = alone(workspace)
    async with app.run_test(size=SMALL) as pilot:
        typed(app, *"waes")
        await sees(pilot, "2 of 3", "cannot be shown")
        assert labelled.SECRET not in words(app)
    assert any(f"{labelled.SECRET}01" in call.what for call in app.lab.gate.calls if not call.ok)
    assert len(labelled.labels(workspace)) == 4
    assert f"{labelled.SECRET}01,0," in (workspace.cache / "unreadable.csv").read_text()


async def test_looking_closer_and_brighter_is_kept_with_the_label_and_over_with_the_frame(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=LARGE) as pilot:
        typed(app, "*", "*", "plus", "down")
        await sees(pilot, "2 times as close")
        typed(app, *"wae")
        await sees(pilot, "1 of", "[second]")
    shown = {(one.position, one.variable): one.shown for one in labelled.labels(workspace)}
    assert shown[0, "distance"] == "half 160x48 gamma 2.2 zoom 2"
    assert shown[1, "perspective"] == "half 160x48 gamma 1 zoom 1"


async def test_a_frame_is_opened_elsewhere_under_a_name_that_says_nothing(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "0 of")
        await pilot.press("ctrl+o")
        await sees(pilot, "written: ")
        path = Path(words(app).partition("written: ")[2].split()[0])
    assert path.read_bytes().startswith(b"\x89PNG") and labelled.SECRET not in str(path)


async def test_frames_that_are_added_come_into_the_queue(workspace: Workspace) -> None:
    labelled.study(workspace, videos=2, frames=1)
    app = alone(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "0 of 2")
        labelled.video(workspace.root / "videos" / f"{labelled.SECRET}77.mp4", 7, 2)
        with workspace.frames.open("a") as file:
            file.write(f"{labelled.SECRET}77,1\n")
        typed(app, *"wa")
        await sees(pilot, "1 of 3")
        typed(app, *"waes")
        await sees(pilot, "3 of 3", "all is labelled")


async def test_a_process_of_frames_that_was_killed_is_started_again(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "0 of")
        assert isinstance(app.place, AnnotateScreen) and app.place.frames is not None
        for _ in range(4):
            app.place.frames._looker.close()
            typed(app, *"wa")
        await sees(pilot, "4 of")
        assert "cannot be shown" not in words(app)


async def test_a_list_of_frames_that_is_half_written_keeps_nobody_from_labelling(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace, videos=2, frames=2))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "0 of 4")
        whole = workspace.frames.read_text()
        workspace.frames.write_text(whole + f"{labelled.SECRET}00,0\n{labelled.SECRET}01,x\n")
        typed(app, "space", *"waes")
        await sees(pilot, "2 of 4", "distance: social")
        workspace.frames.write_text(whole)
        typed(app, *"rd")
        await sees(pilot, "3 of 4", "frame 4")  # the skipped one


async def test_a_screen_that_begins_too_small_shows_its_frame_when_it_has_grown(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=(20, 5)) as pilot:
        await sees(pilot, "too small")
        await pilot.resize_terminal(80, 24)
        await sees(pilot, "0 of", "w first", "▀")
        typed(app, *"wa")
        await sees(pilot, "1 of")


async def test_where_nothing_can_be_shown_that_is_said(workspace: Workspace) -> None:
    labelled.study(workspace, videos=3, frames=1)
    for video in (workspace.root / "videos").iterdir():
        video.unlink()
    app = alone(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "no frame is left that can be shown", "3 cannot be shown")
        typed(app, *"wa", "z")
        await sees(pilot, "nothing left to take back")
    assert labelled.labels(workspace) == []


async def test_each_label_goes_to_the_very_frame_that_is_in_view(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    videos = sorted((workspace.root / "videos").iterdir())
    found = [(path.stem, index, int(frame[36, 64, 0])) for path in videos for index, _, frame in pick(path, range(5))]
    greys = {grey: (name, index) for name, index, grey in found}  # as a job sees them
    assert len(greys) == 40
    seen = []
    async with app.run_test(size=SMALL) as pilot:
        for place in range(12):
            await sees(pilot, f"{place} of", f"frame {place + 1} ")
            assert isinstance(app.place, AnnotateScreen)
            middle = app.place.query_one(Picture)._shown[0][3000]
            seen.append(greys[middle])
            await pilot.press("w", "a")
        await sees(pilot, "12 of")
    units = {one.position: one.unit for one in labelled.labels(workspace)}
    assert [units[place] for place in range(12)] == seen
