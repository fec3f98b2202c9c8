"""Annotate: frames are labelled by keys alone, and each key is safe before the next one is looked at."""

from __future__ import annotations

from engine.annotations.decision import BLANK, CANT_TELL, REMARK
from engine.annotations.log import Log
from engine.workspace import Workspace
from tests.tui import labelled
from tests.tui.helpers import SMALL, sees, until
from tests.tui.labelled import alone, typed
from tui.app import FootplateApp


async def test_a_key_a_label_and_the_next_frame_when_all_is_said(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "0 of", "w first", "a personal", "g can't tell")
        await pilot.press("e")
        await sees(pilot, "[second]", "frame 1")
        await pilot.press("g")
        await sees(pilot, "1 of", "frame 2", "distance: can't tell")
    found = {one.variable: one for one in labelled.labels(workspace)}
    assert found["perspective"].value == "second" and found["distance"].value == CANT_TELL
    assert found["distance"].position == 0 and (found["distance"].seconds or 0) > 0
    assert found["distance"].shown == "half 80x24 gamma 1 zoom 1"


async def test_keys_that_are_typed_ahead_each_find_their_own_frame(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=SMALL) as pilot:
        typed(app, *"waesrdtf", "N", *"so dark", "enter", *"wgF")  # before anything is on the screen
        await sees(pilot, "5 of", "frame 6", "⚑ flagged")
    said = {(one.position, one.variable): one.value for one in labelled.labels(workspace) if one.variable != REMARK}
    four = [("first", "personal"), ("second", "social"), ("third", "public"), ("other", "other"), ("first", CANT_TELL)]
    assert said == {
        (place, name): value
        for place, both in enumerate(four)
        for name, value in zip(("perspective", "distance"), both, strict=True)
    }
    notes = {one.position: (one.note, one.flagged) for one in labelled.labels(workspace) if one.variable == REMARK}
    assert notes == {4: ("so dark", False), 5: ("", True)}


async def test_undo_goes_back_to_any_depth_and_across_restarts(workspace: Workspace) -> None:
    labelled.study(workspace)
    app = alone(workspace)
    async with app.run_test(size=SMALL) as pilot:
        typed(app, *"waesrd")
        await sees(pilot, "3 of")
    again = alone(workspace)
    async with again.run_test(size=SMALL) as pilot:
        await sees(pilot, "3 of", "frame 4")
        typed(again, *"zz")
        await sees(pilot, "2 of", "frame 3", "taken back")
        typed(again, *"zzzzz")
        await sees(pilot, "0 of", "nothing left to take back")
    assert labelled.labels(workspace) == []
    with Log.open(workspace.labels, readonly=True) as log:
        assert len(list(log.history())) == 12


async def test_a_skipped_frame_comes_back_when_nothing_else_is_left(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace, videos=3, frames=1))
    async with app.run_test(size=SMALL) as pilot:
        typed(app, "space", *"waes")
        await sees(pilot, "2 of 3", "frame 1")
        typed(app, *"rd")
        await sees(pilot, "3 of 3", "all is labelled")


async def test_a_blank_is_saved_and_comes_back(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace, videos=12, frames=1))
    async with app.run_test(size=SMALL) as pilot:
        typed(app, "w", "B")
        await sees(pilot, "1 of 12", "frame 2")
    assert [one.value for one in labelled.labels(workspace)] == [BLANK, "first"]
    again = alone(workspace)
    async with again.run_test(size=SMALL) as pilot:
        await sees(pilot, "1 of 13", "frame 2")
        typed(again, *"wa" * 12)
        await sees(pilot, "12 of 12", "all is labelled")
    assert {one.value for one in labelled.labels(workspace)} == {"first", "personal"}


async def test_at_the_end_of_the_queue_what_was_left_blank_is_asked_again(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace, videos=3, frames=1))
    async with app.run_test(size=SMALL) as pilot:
        typed(app, "B", *"waes")
        await sees(pilot, "3 of 4", "frame 4")
        typed(app, *"rd")
        await sees(pilot, "3 of 3", "all is labelled")
    assert {one.value for one in labelled.labels(workspace)} == {
        "first",
        "personal",
        "second",
        "social",
        "third",
        "public",
    }


async def test_before_and_after_show_what_was_said_and_let_it_be_changed(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=SMALL) as pilot:
        typed(app, *"wa", "left")
        await sees(pilot, "[first]", "[personal]", "frame 1")
        typed(app, "t")
        await sees(pilot, "[other]", "frame 1")
        typed(app, "end")
        await sees(pilot, "frame 2", "1 of")
    assert [one.value for one in labelled.labels(workspace)] == ["personal", "other"]


async def test_three_variables_have_three_rows_of_keys(workspace: Workspace) -> None:
    three = {**labelled.TWO, "light": ("day", "night")}
    app = alone(labelled.study(workspace, three))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "w first", "a personal", "x day", "v can't tell")
        typed(app, *"wac")
        await sees(pilot, "1 of", "light: night")


async def test_one_variable_with_many_labels(workspace: Workspace) -> None:
    many = {"place": tuple(f"place{number}" for number in range(20))}
    app = alone(labelled.study(workspace, many))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "a place0", "l place8", "A place9", "place19")
        typed(app, *"D", "enter", *"place19", "enter")
        await sees(pilot, "2 of", "frame 3")
    assert sorted(one.value for one in labelled.labels(workspace)) == ["place11", "place19"]


async def test_what_was_typed_before_the_way_out_is_saved(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=SMALL) as pilot:
        typed(app, *"waes", "ctrl+q")
        await until(pilot, lambda: app._exit)
    assert len(labelled.labels(workspace)) == 4


async def test_the_same_key_again_saves_nothing_new(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=SMALL) as pilot:
        typed(app, *"www", "a")
        await sees(pilot, "1 of")
    with Log.open(workspace.labels, readonly=True) as log:
        assert len(list(log.history())) == 2


async def test_whoever_comes_says_a_name_where_the_workspace_names_no_coders(workspace: Workspace) -> None:
    app = FootplateApp(labelled.study(workspace, coders=()).root)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: app.lab.entries is not None)
        await pilot.press("6")
        await sees(pilot, "C takes your name")
        await pilot.press("C")
        await sees(pilot, "Who labels?")
        await pilot.press(*"eva", "enter")
        await sees(pilot, "frame 1", "w first")
        await pilot.press("w")
        await sees(pilot, "[first]")
    assert [one.value for one in labelled.labels(workspace, "eva")] == ["first"]
