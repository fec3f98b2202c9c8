"""Annotate: frames are labelled by keys alone, each key is safe before the next one, and nothing is given away."""

from __future__ import annotations

from textual import events

from engine.annotations.decision import BLANK, CANT_TELL, REMARK
from engine.annotations.log import Log
from engine.workspace import Workspace
from tests.tui import labelled
from tests.tui.helpers import LARGE, SMALL, sees, until, words
from tui.alone import AloneApp
from tui.app import FootplateApp
from tui.keymap import named
from tui.options import Options


def alone(workspace: Workspace, coder: str = "ana", **options: bool) -> AloneApp:
    return AloneApp(workspace.root, None, Options(coder=coder, **options))


def typed(app: FootplateApp, *keys: str) -> None:
    """All at once, as a slow line delivers them."""
    for key in keys:
        app.post_message(events.Key(named(key), key if len(key) == 1 else None))


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
        await sees(pilot, "13 of 13")
    assert {one.value for one in labelled.labels(workspace)} == {"first", "personal"}


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


async def test_the_whole_app_asks_who_labels_and_remembers(workspace: Workspace) -> None:
    app = FootplateApp(labelled.study(workspace).root)
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "no runs yet")
        await pilot.press("6")
        await sees(pilot, "who labels? C chooses")
        await pilot.press("C")
        await sees(pilot, "Who labels?", "ana", "ben")
        await pilot.press("down", "enter")
        await sees(pilot, "0 of", "w first")
        await pilot.press("1")
        await sees(pilot, "no runs yet")
        await pilot.press("6")
        await sees(pilot, "w first")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app._exit)
    again = FootplateApp(workspace.root)
    async with again.run_test(size=LARGE) as pilot:
        await sees(pilot, "0 of", "w first")
        assert again.place is not None and again.place.kept() == {"coder": "ben"}
