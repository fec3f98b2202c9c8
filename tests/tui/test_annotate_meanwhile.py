"""Annotate beside somebody who labels as the same coder; who that is; and what the screen says of itself."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine.annotations.decision import REMARK, Decision
from engine.annotations.log import Log
from engine.workspace import Workspace
from tests.tui import labelled
from tests.tui.helpers import SMALL, sees, shown, until, words
from tests.tui.labelled import alone, typed
from tui.app import FootplateApp
from tui.options import Options
from tui.screens import withothers
from tui.screens.annotate import AnnotateScreen


@pytest.fixture
def unlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but keys looks at the log."""
    monkeypatch.setattr(withothers, "LOOK_S", 3600.0)


def elsewhere(app: FootplateApp, workspace: Workspace, **values: str) -> None:
    """Label the frame in view from another process, so to speak."""
    assert isinstance(app.place, AnnotateScreen) and app.place.shown is not None
    unit, coder = app.place.shown.item.unit, app.place.coder
    with Log.open(workspace.labels) as log:
        log.add([Decision(coder, unit, name, value, time.time()) for name, value in values.items()])


def said(workspace: Workspace, coder: str = "ana") -> dict[tuple[Any, ...], str]:
    return {(one.unit, one.variable): one.value for one in labelled.labels(workspace, coder)}


@pytest.mark.usefixtures("unlooked")
async def test_what_was_labelled_meanwhile_is_shown_before_it_can_be_changed(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "ana · 0 of", "w first")
        elsewhere(app, workspace, perspective="third", distance="public")
        before = said(workspace)
        await pilot.press("w")
        await sees(pilot, "labelled meanwhile; press again to change it: distance public, perspective")
        await sees(pilot, "[third]", "[public]", "ana · 1 of", "frame 1")
        assert said(workspace) == before
        await pilot.press("w")
        await sees(pilot, "[first]", "frame 1")
    assert sorted(said(workspace).values()) == ["first", "public"]
    assert len({unit for unit, _ in said(workspace)}) == 1  # no key went to another frame


@pytest.mark.usefixtures("unlooked")
async def test_a_half_that_was_labelled_meanwhile_does_not_complete_the_frame_unseen(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "ana · 0 of", "w first")
        elsewhere(app, workspace, distance="public")
        typed(app, *"awe")  # a is refused; who types on has not seen it yet
        await sees(pilot, "[public]", "[second]", "ana · 1 of", "frame 1")
        typed(app, "end")
        await sees(pilot, "frame 2")
    assert sorted(said(workspace).values()) == ["public", "second"]


@pytest.mark.usefixtures("unlooked")
async def test_a_note_that_was_written_meanwhile_is_not_overwritten(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "ana · 0 of")
        await pilot.press("N")
        await sees(pilot, "A note to this frame")
        assert isinstance(app.place, AnnotateScreen) and app.place.shown is not None
        unit = app.place.shown.item.unit
        with Log.open(workspace.labels) as log:
            log.add([Decision("ana", unit, REMARK, "", time.time(), note="theirs")])
        typed(app, *"mine", "enter")
        await sees(pilot, "labelled meanwhile", "note: theirs")


async def test_what_is_labelled_elsewhere_comes_onto_the_screen_without_a_key(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "ana · 0 of", "w first")
        elsewhere(app, workspace, perspective="third", distance="public")
        await sees(pilot, "[third]", "[public]", "ana · 1 of", "frame 1", "labelled meanwhile")


@pytest.mark.usefixtures("unlooked")
async def test_who_comes_back_to_the_screen_sees_what_stands_now_and_is_not_asked_again(workspace: Workspace) -> None:
    app = FootplateApp(labelled.study(workspace).root)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: app.lab.entries is not None)
        await pilot.press("6")
        await sees(pilot, "Who labels?")
        await pilot.press("enter")
        await sees(pilot, "ana · 0 of", "w first", "q back", "? help")  # the way out has its place at 80 columns
        assert "ben" not in words(app)
        place = app.place
        await pilot.press("7")
        await until(pilot, lambda: app.place is not place)
        assert isinstance(place, AnnotateScreen) and place.shown is not None
        with Log.open(workspace.labels) as log:
            log.add([Decision("ana", place.shown.item.unit, "perspective", "third", time.time())])
        await pilot.press("6")
        await sees(pilot, "[third]", "frame 1")


async def test_when_all_is_labelled_keys_change_nothing_until_one_goes_to_a_frame(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace, videos=2, frames=1))
    async with app.run_test(size=SMALL) as pilot:
        typed(app, *"waes")
        await sees(pilot, "2 of 2", "all is labelled")
        before = said(workspace)
        typed(app, "r")
        await sees(pilot, "all is labelled; ← goes back, z takes back")
        typed(app, "B", "space", "end", "d")
        await sees(pilot, "all is labelled; ← goes back, z takes back")
        await pilot.pause()
        assert said(workspace) == before
        typed(app, "left", "t")
        await sees(pilot, "[other]", "frame 1")
    again = alone(workspace)
    async with again.run_test(size=SMALL) as pilot:
        await sees(pilot, "2 of 2", "all is labelled; ← goes back")
        typed(again, "f")
        await pilot.pause()
        typed(again, "left", "right", "r")
        await sees(pilot, "perspective: third")
    assert sorted(said(workspace).values()) == ["other", "personal", "social", "third"]


async def test_what_was_taken_back_is_said(workspace: Workspace) -> None:
    app = alone(labelled.study(workspace))
    async with app.run_test(size=SMALL) as pilot:
        typed(app, "r", "space", "z")
        await sees(pilot, "taken back: perspective third of frame 1", "0 of")
        typed(app, "F", "z")
        await sees(pilot, "taken back: flag of frame 1")
        assert labelled.SECRET not in words(app)


async def test_what_keeps_labels_from_opening_is_said_at_length(workspace: Workspace) -> None:
    labelled.study(workspace, videos=1)
    workspace.frames.unlink()
    app = FootplateApp(workspace.root, None, Options(coder="ana"))
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: app.lab.entries is not None)
        await pilot.press("6")
        await sees(pilot, "opening the labels did not work", "→ ")
        told = "".join("".join(line.split()) for line in shown(app))
        assert "footplaterunframes" in told and "frames.csv:nosuchfile" in told and "…" not in told


@pytest.mark.parametrize("key", ["7", "Q", "@", "E", "/", "&"])
async def test_a_key_that_does_nothing_here_says_so(workspace: Workspace, key: str) -> None:
    app = alone(labelled.study(workspace, videos=1, frames=1))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "0 of")
        typed(app, key)
        await sees(pilot, f"{key} does nothing here; ? shows the keys")
