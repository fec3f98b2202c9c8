"""Launch: presets, a form that is checked while somebody types, and a real start."""

from __future__ import annotations

import pytest

from engine.run import listing
from engine.workspace import Workspace
from tests import lab
from tests.tui.helpers import LARGE, SMALL, opened, sees, until, words
from tui.widgets.editor import Editor


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_preset_is_edited_checked_and_started(workspace: Workspace, size) -> None:
    (workspace.configs / "toy-quick.yaml").write_text("# quick\nsteps: 3\nseconds_per_step: 0\n")
    app = opened(workspace)
    async with app.run_test(size=size) as pilot:
        await pilot.press("4")
        await sees(pilot, "toy-quick", "✓ fits")
        await pilot.press("G", "enter")
        await sees(pilot, "# quick", "cpu 0 is free")
        await pilot.press("down", "end", "0", "enter", *"step: 1")
        await sees(pilot, "✗ line 3: step: unknown key; did you mean")
        await pilot.press("ctrl+s")
        assert listing(workspace) == []
        await pilot.press(*["backspace"] * 8)
        await sees(pilot, "✓ fits")
        if size == SMALL:
            await pilot.press("ctrl+s")
            await sees(pilot, "Start toy (toy-quick) on this machine?", "cpu 0 is free", "costs nothing")
            await pilot.press("y")
            await until(pilot, lambda: listing(workspace), "a run")
            await sees(pilot, "✓ done", "30 of 30 steps")
            assert lab.ended(listing(workspace)[0]).state == "done"


async def test_what_was_typed_is_kept_while_another_preset_is_looked_at(workspace: Workspace) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("4")
        await sees(pilot, "✓ fits")
        await pilot.press("G", "enter", *"# mine")
        await sees(pilot, "esc presets")
        assert "q back" not in words(app) and "? help" not in words(app)  # they would be typed
        await pilot.press("escape", "g", "G")
        await sees(pilot, "# mine")


async def test_all_faults_are_counted_and_their_lines_marked(workspace: Workspace) -> None:
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("4")
        await sees(pilot, "✓ fits")
        await pilot.press("G", "enter")
        app.screen.query_one(Editor).text = "steps: many\nlr: -1\nnoise: 0.1\n"
        await sees(pilot, "✗ line 1: steps: expected", "and 1 more fault")
        assert app.screen.query_one(Editor)._faulty == {1, 2}
        app.screen.query_one(Editor).text = "steps: [1\n"
        await sees(pilot, "not YAML")
        app.screen.query_one(Editor).text = "!!python/object:os.system {}\n"
        await sees(pilot, "construct")


async def test_the_queue_that_a_run_would_join_is_told(workspace: Workspace) -> None:
    run = lab.toy(workspace, *lab.ENDLESS)
    lab.working(run)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("4")
        await sees(pilot, "cpu 0 in use")
        assert "nobody waiting" in words(app)


async def test_a_file_that_is_not_there_is_told_before_the_start(workspace: Workspace) -> None:
    (workspace.configs / "frames-2.yaml").write_text("videos: nowhere\n")
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("4")
        await sees(pilot, "frames-2")
        await pilot.press("down", "down")
        await sees(pilot, "! fits", "but videos: nowhere: there is no")
