"""Settling what coders differ on, and the gold set: by keys alone, without names, with a way back."""

from __future__ import annotations

import time

import pytest

from engine.annotations.decision import BLANK
from engine.annotations.log import Log
from engine.png import png
from engine.workspace import Workspace
from tests.engine.annotations.coded import coded, settled, unit
from tests.tui.agreed import DIFFERENT, adjudications, asked, at, labelled
from tests.tui.helpers import LARGE, SMALL, opened, sees, until, words
from tui.app import FootplateApp
from tui.options import Options
from tui.services import cards

__all__ = ["asked"]
pytestmark = pytest.mark.usefixtures("asked")


# --- settling -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_names_of_coders_stand_nowhere_beside_their_codes(workspace: Workspace, size: tuple[int, int]) -> None:
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=size) as pilot:
        await at(pilot, "disagreements")
        await sees(pilot, "A ", "B ", "blank", "can't tell", "genuine")
        assert "ana" not in words(app) and "ben" not in words(app)
        await pilot.press("enter")
        await sees(pilot, "1 of 4 · genuine")
        assert "ana" not in words(app) and "ben" not in words(app)
        await pilot.press("a")
        await sees(pilot, "What is the distance?")
        assert "ana" not in words(app) and "ben" not in words(app)


async def test_a_filter_leaves_one_pair_of_labels(workspace: Workspace) -> None:
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        screen = await at(pilot, "scores")
        await pilot.press("/", *"pair:social/personal", "enter")
        await until(pilot, lambda: [case.pair for case in screen.fitting()] == ["personal/social"])
        await sees(pilot, "1 of 4")
        await pilot.press("escape")
        await until(pilot, lambda: len(screen.fitting()) == DIFFERENT)


async def test_a_frame_is_settled_with_a_reason_and_taken_back(workspace: Workspace) -> None:
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        screen = await at(pilot, "disagreements")
        first = screen.case()
        await pilot.press("enter", "a", *"pub", "enter")
        await sees(pilot, "distance is public")
        await pilot.press("enter")
        await sees(pilot, "say why")
        await pilot.press(*"far away", "enter")
        await sees(pilot, "say who decides")
        await pilot.press(*"eva", "enter")
        await until(pilot, lambda: adjudications(workspace), "the decision in the log")
        (made,) = adjudications(workspace)
        assert (made.value, made.reason, made.coder, made.kind) == ("public", "far away", "eva", "adjudication")
        assert first is not None and made.unit == (first.video_id, first.frame_index)
        await sees(pilot, "2 of 4")  # on to the next one that is open
        await pilot.press("escape")
        await sees(pilot, "✓ public")
        await pilot.press("z", "y")
        await until(pilot, lambda: not adjudications(workspace), "the decision taken back")
        with Log.open(workspace.labels, readonly=True) as log:
            assert [one.kind for one in log.history()][-2:] == ["adjudication", "undo"]


async def test_a_frame_on_which_all_agree_but_for_a_blank_is_settled_with_a_word_of_that(workspace: Workspace) -> None:
    with Log.open(workspace.labels) as log:
        log.add(coded({"ana": ["social"], "ben": ["social"], "cy": [BLANK]}))
    app = opened(workspace)
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        screen = await at(pilot, "disagreements")
        screen.by = "eva"
        await pilot.press("a")
        await sees(pilot, "all coders agree on social")
        await pilot.press(*"pub", "enter", *"seen", "enter")
        await sees(pilot, "distance is public, though all coders agree on social")
        assert len(adjudications(workspace)) == 1


async def test_halves_and_frames_of_one_coder_are_explained_in_the_gold_pane(workspace: Workspace) -> None:
    labelled(workspace, *coded({"ana": [None] * 30 + ["social"]}))
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        screen = await at(pilot, "gold")
        screen.panes.table("gold").go_to("distance")
        await sees(pilot, "labelled by one coder only: 1", "counts one half for each")


async def test_an_earlier_reason_is_taken_by_a_key(workspace: Workspace) -> None:
    labelled(workspace, settled(20, "social"))
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        screen = await at(pilot, "disagreements")
        screen.by = "eva"
        await pilot.press("j", "a", "enter")
        await sees(pilot, "the shoulders are in view")
        await pilot.press("ctrl+y", "enter")
        await until(pilot, lambda: len(adjudications(workspace)) == 2, "the decision")
        assert {one.reason for one in adjudications(workspace)} == {"the shoulders are in view"}


async def test_undo_refuses_where_the_same_person_has_decided_elsewhere_since(workspace: Workspace) -> None:
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        screen = await at(pilot, "disagreements")
        screen.by = "eva"
        await pilot.press("a", "enter", *"seen", "enter")
        await until(pilot, lambda: adjudications(workspace), "the decision")
        with Log.open(workspace.labels) as log:
            log.add([settled(5, "social", at=time.time() + 10)])
        await pilot.press("z", "y")
        await sees(pilot, "eva has decided something else since")
        assert len(adjudications(workspace)) == 2


async def test_read_only_settles_and_writes_nothing(workspace: Workspace) -> None:
    labelled(workspace)
    app = FootplateApp(workspace.root, options=Options(read_only=True))
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await at(pilot, "disagreements")
        await pilot.press("a")
        await sees(pilot, "not now: adjudicate")
        await pilot.press("S")
        await sees(pilot, "not now: save gold")
    assert not adjudications(workspace) and not workspace.gold.exists() and cards.kept(workspace) is None


async def test_the_frame_is_shown_and_a_missing_one_is_named(workspace: Workspace) -> None:
    labelled(workspace)
    folder = workspace.root / "videos" / unit(20).video_id
    folder.mkdir()
    (folder / "0.png").write_bytes(png([bytes(range(192))] * 48))
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        screen = await at(pilot, "disagreements")
        screen.panes.table("disagreements").go_to(f"distance\t{unit(20).video_id}\t0")
        await pilot.press("enter")
        await until(pilot, lambda: screen.panes.picture._strips, "the picture")
        await pilot.press("n")
        await sees(pilot, "the frame cannot be shown:")


# --- gold ---------------------------------------------------------------------------------------------------------


async def test_gold_is_written_when_one_says_yes_and_the_file_of_before_comes_back(workspace: Workspace) -> None:
    labelled(workspace)
    workspace.gold.write_text("video_id,frame_index,distance\nv,1,social\n")
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        screen = await at(pilot, "gold")
        screen.panes.table("gold").go_to("distance")
        await sees(pilot, "20 agreed", "coders differ: 2", "can't tell: 1", "left blank: 1")
        await pilot.press("S")
        await sees(pilot, "Write gold.csv: 20 frames?", "the one of 1 frame")
        await pilot.press("y")
        await until(pilot, lambda: len(workspace.gold.read_text().splitlines()) == 21, "the file")
        await pilot.press("z", "y")
        await until(pilot, lambda: len(workspace.gold.read_text().splitlines()) == 2, "the file of before")
        await until(pilot, lambda: not (workspace.root / "gold_left_out.csv").exists(), "no file where none was")


async def test_a_gold_file_that_somebody_else_wrote_since_is_not_taken_back(workspace: Workspace) -> None:
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await at(pilot, "gold")
        await pilot.press("S", "y")
        await until(pilot, lambda: app.lab.undos, "the file written")
        workspace.gold.write_text("video_id,frame_index,distance\nmine,1,social\n")
        await pilot.press("z", "y")
        await sees(pilot, "gold.csv was changed since")
        assert "mine" in workspace.gold.read_text()


async def test_adjudicated_frames_join_by_a_key(workspace: Workspace) -> None:
    labelled(workspace, settled(20, "social"))
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        await at(pilot, "gold")
        await sees(pilot, "20 frames in all, without adjudicated frames")
        await pilot.press("u")
        await sees(pilot, "21 frames in all, adjudicated frames join", "1 adjudicated")


async def test_a_second_opinion_is_told_with_its_caution(workspace: Workspace) -> None:
    labelled(workspace)
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        screen = await at(pilot, "gold")
        screen.panes.table("gold").go_to("distance")
        await pilot.press("m")
        await sees(pilot, "0 gold labels would change", "hangs on where EM begins")
