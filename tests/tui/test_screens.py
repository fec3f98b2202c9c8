"""Each screen at two sizes, over real run folders."""

from __future__ import annotations

import shutil

import pytest

from engine.run import Run
from engine.workspace import Workspace
from tests.tui.helpers import LARGE, SMALL, Moving, done, failed, made, opened, sees, shown, until, words
from tui.screens.base import FootplateScreen
from tui.widgets.bars import KeyBar
from tui.widgets.table import Table

BOTH = pytest.mark.parametrize("size", [SMALL, LARGE])


def _holds_together(app, size) -> None:
    """Nothing falls off, and the two lines of the frame are where they belong."""
    lines = shown(app)
    assert len(lines) == size[1] and all(len(line) <= size[0] for line in lines)
    assert lines[0].startswith(" footplate") and ("? help" in lines[-1] or "esc clear" in lines[-1])
    for widget in app.screen.query("#body *"):
        if widget.display and widget.region:
            assert app.screen.region.contains_region(widget.region) or widget.parent.is_scrollable, widget


@BOTH
async def test_the_overview_shows_what_moves_what_failed_and_what_is_new(workspace: Workspace, size) -> None:
    done(workspace)
    failed(workspace)
    moving = Moving(workspace)
    moving.step()
    moving.tell()
    app = opened(workspace)
    async with app.run_test(size=size) as pilot:
        await sees(pilot, "● running", "a live one", "✗ failed", "no column 'subject'", "✓ done", "0.750 accuracy")
        _holds_together(app, size)
    moving.end()


@BOTH
async def test_an_empty_workspace_says_what_to_do(workspace: Workspace, size) -> None:
    app = opened(workspace)
    async with app.run_test(size=size) as pilot:
        await sees(pilot, "no runs yet: press 4 to launch one")
        for key in "23":
            await pilot.press(key)
            await sees(pilot, "no runs yet: press 4 to launch one")
            _holds_together(app, size)


@BOTH
async def test_runs_are_filtered_while_a_filter_is_typed(workspace: Workspace, size) -> None:
    done(workspace)
    failed(workspace)
    app = opened(workspace)
    async with app.run_test(size=size) as pilot:
        await pilot.press("2")
        await sees(pilot, "a good one", "a bad one", "2 runs")
        await pilot.press("slash", *"state:failed")
        await until(pilot, lambda: "a good one" not in words(app))
        assert "1 of 2 runs" in words(app) and "labels.csv: no column 'subject'" in words(app)
        _holds_together(app, size)
        await pilot.press("enter")
        assert isinstance(app.focused, Table)
        await pilot.press("escape")
        await sees(pilot, "a good one")


@BOTH
async def test_the_first_look_at_a_failed_run_says_why_and_what_to_do(workspace: Workspace, size) -> None:
    app = opened(workspace, failed(workspace))
    async with app.run_test(size=size) as pilot:
        await sees(pilot, "✗ failed", "labels.csv: no column 'subject'", "→ add it, or set leave_out: none")
        await sees(pilot, "DataError: no column", "exit code 1")
        _holds_together(app, size)


@BOTH
async def test_every_pane_of_a_run_shows_what_it_has(workspace: Workspace, size) -> None:
    app = opened(workspace, done(workspace))
    seen = {
        "log": ("step 199: fine", "line 200 of 200"),
        "curves": ("loss  train 0.020",),
        "files": ("result.json", "18 B", "accuracy: 0.75"),
        "spec": ("steps: 10  # few",),
        "about": ("user: ada", "version: 0"),
        "lineage": ("made from no other run",),
    }
    async with app.run_test(size=size) as pilot:
        await sees(
            pilot, "✓ done", "learn", "50 of 50 steps", "accuracy 0.750", "step 199: fine" if size == LARGE else "Made"
        )
        _holds_together(app, size)
        for texts in seen.values():
            await pilot.press("tab")
            await sees(pilot, *texts)
            _holds_together(app, size)


async def test_a_table_file_opens_as_a_table_and_its_path_is_copied(workspace: Workspace) -> None:
    run = done(workspace)
    app = opened(workspace, run)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("tab", "tab", "tab")
        await sees(pilot, "path.csv")
        await pilot.press("j")
        await sees(pilot, "[step]      x", "0.143")
        await pilot.press("enter", "G")
        await sees(pilot, "4.143")
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard == str(run.artifacts / "path.csv"))
        await pilot.press("q", "q")
        assert app.screen.NAME == "overview"


async def test_a_live_run_is_followed(workspace: Workspace) -> None:
    moving = Moving(workspace)
    app = opened(workspace, moving.run)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "● running")
        await pilot.press("l")
        for _ in range(30):
            moving.step()
        await sees(pilot, "step 30.0", "following", "30 of 50 steps")
        await pilot.press("g")
        await sees(pilot, "step 1.0")
        moving.step()
        await sees(pilot, "31 of 50 steps")
        assert "step 31.0" not in words(app)
        await pilot.press("F")
        await sees(pilot, "step 31.0")
        moving.tell(state="done", ended_at=1.0)
        await sees(pilot, "✓ done")
    moving.end()


async def test_a_log_is_searched(workspace: Workspace) -> None:
    app = opened(workspace, done(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("l", "g", "slash", *"step .7:", "enter")
        await sees(pilot, "match 1 of 9")
        await pilot.press("n")
        await sees(pilot, "match 2 of 9")
        await pilot.press("N", "N")
        await sees(pilot, "match 9 of 9", "step 97: fine")
        await pilot.press("escape")
        await sees(pilot, "line ")
        assert app.screen.NAME == "run"


async def test_a_run_that_is_deleted_while_watched_is_told(workspace: Workspace) -> None:
    moving = Moving(workspace)
    app = opened(workspace, moving.run)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "● running")
        shutil.rmtree(moving.run.folder)
        await sees(pilot, "✗ gone", "folder is gone")
        for key in ("l", "tab", "tab", "y", "x", "r", "1", "2"):
            await pilot.press(key)
        await sees(pilot, "no runs yet")
    moving.end()


async def test_an_archived_run_is_followed_to_where_it_went(workspace: Workspace) -> None:
    run = done(workspace)
    app = opened(workspace, run)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("a")
        await sees(pilot, f"{run.id}")
        await pilot.press("y")
        await until(pilot, lambda: (workspace.archive / run.id).is_dir(), "the archive")
        await pilot.press("l")
        await sees(pilot, "step 199: fine")
        assert "gone" not in words(app)


async def test_lineage_leads_to_the_other_run(workspace: Workspace) -> None:
    parent = done(workspace, "the parent")
    child = made(workspace, "the child", parents=[parent.id], state="stopped", ended_at=1.0)
    app = opened(workspace, child)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "the child")
        await pilot.press("shift+tab")
        await sees(pilot, "made from", "the parent")
        await pilot.press("enter")
        await sees(pilot, "✓ done", "the parent")


async def test_nothing_acts_where_there_is_no_room_to_draw(workspace: Workspace) -> None:
    run: Run = done(workspace)
    app = opened(workspace)
    async with app.run_test(size=(20, 5)) as pilot:
        await sees(pilot, "too small")
        await pilot.press("2", "a", "y", "x", "enter", "slash", "question_mark")
        assert isinstance(app.screen, FootplateScreen) and app.screen.NAME == "overview"
        await pilot.resize_terminal(*SMALL)
        await sees(pilot, "a good one")
        assert run.folder.is_dir() and app.query_one(KeyBar).display


async def test_nothing_is_painted_while_nothing_happens(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    done(workspace)
    monkeypatch.setattr("tui.services.catalog.EVERY_S", 0.01)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "a good one")
        await pilot.pause()
        painted = []
        monkeypatch.setattr(app, "_display", lambda *_: painted.append(1))
        seen = app._catalog.steps
        await until(pilot, lambda: app._catalog.steps > seen + 10, "ten more looks at the runs")
        assert not painted
