"""What is shown less often: runs that wait, long reasons, flags, trouble in the background, sorting, full screen."""

from __future__ import annotations

import time

import pytest

from engine import run as runs
from engine.criteria import Judged
from engine.events import Gpu, Host, Phase, Progress
from engine.workspace import Workspace
from tests.tui.helpers import LARGE, SMALL, Moving, done, failed, made, opened, say, sees, shown, until, words
from tui.widgets.bars import Bar


async def test_a_run_that_waits_says_for_what(workspace: Workspace) -> None:
    moving = Moving(workspace)
    moving.tell(state="pending", waiting_for="cpu 0 (in use by another)")
    app = opened(workspace, moving.run)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "○ pending", "waits for cpu 0 (in use by another)")
        await pilot.press("1")
        await sees(pilot, "for cpu 0", "1 waiting")
    moving.end()


async def test_a_long_reason_is_shown_in_full_with_flags_criteria_and_gauges(workspace: Workspace) -> None:
    judged = (Judged("accuracy", "> 0.5", 0.4, False), Judged("loss", "< 1", None, None))
    run = made(
        workspace, "killed", state="failed", ended_at=time.time(), exit_code=137, signal="SIGKILL", attempt=2,
        error="ended by SIGKILL\n(often: out of memory)", hint="resume it", criteria=judged,
        flags=("overfitting: train loss far under test loss",), metrics={"accuracy": 0.4},
    )  # fmt: skip
    say(run, Phase("load"), Progress(3, 9, "frames"), Phase("learn"), Host(230.0, 1 << 30, 1 << 32, 1 << 33))
    say(run, Gpu(0, "Tesla T4", 93.0, 9 << 30, 15 << 30, 61.0, 58.0))
    app = opened(workspace, run)
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "ended by SIGKILL", "(often: out of memory)", "→ resume it", "attempt 2", "! overfitting")
        await sees(
            pilot, "accuracy 0.400 > 0.5 ✗", "loss not measured < 1 ?", "2.3 cores", "93%  61 °C  58 W  Tesla T4"
        )
        await sees(pilot, "✓ load", "3 of 9 frames", "✗ learn")


async def test_trouble_in_the_background_is_told_and_stands_in_the_frame(workspace: Workspace, monkeypatch) -> None:
    done(workspace)
    monkeypatch.setattr("tui.services.watch.AFTER_FAILURE_S", 0.01)

    def listing(_workspace: Workspace) -> list[runs.Run]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tui.services.catalog.listing", listing)
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "✗ reading the runs", "Permission denied")
        monkeypatch.setattr("tui.services.catalog.listing", runs.listing)
        await sees(pilot, "a good one", "works again")
        assert "✗ reading the runs" not in shown(app)[0]


async def test_runs_are_sorted_by_each_column_both_ways(workspace: Workspace) -> None:
    done(workspace)
    failed(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("2")
        await sees(pilot, "Age▲", "a good one")

        def first() -> bool:
            return "a bad one" in shown(app)[2]

        await pilot.press("o")
        await sees(pilot, "State▲")
        assert first()
        await pilot.press("O")
        await until(pilot, lambda: "State▼" in words(app) and not first())
        for label in ("Job▲", "Name▲", "Metric▼", "Pass▼", "tags▲", "Age▲"):
            await pilot.press("o")
            await sees(pilot, label)
        for key, label in (("N", "Name▲"), ("N", "Name▼"), ("M", "Metric▼"), ("A", "Age▲")):
            await pilot.press(key)
            await sees(pilot, label)


async def test_a_pane_fills_the_screen_and_comes_back(workspace: Workspace) -> None:
    app = opened(workspace, done(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.press("l", "f")
        await until(pilot, lambda: "footplate" not in words(app))
        assert "step 177: fine" in words(app)
        await pilot.press("q")
        await sees(pilot, " footplate ", "wrap")
        await pilot.press("w")
        await sees(pilot, "wrapped")


async def test_places_tabs_and_keys_can_be_clicked(workspace: Workspace) -> None:
    app = opened(workspace, done(workspace))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done")
        await pilot.click("#tabs", offset=(8, 0))
        await sees(pilot, "line 200 of 200")
        await pilot.click("#top", offset=(shown(app)[0].index(" 2 ") + 1, 0))
        await sees(pilot, "1 run")
        assert app.place is not None and app.place.NAME == "runs"
        column = shown(app)[-1].index("/ filter")
        await pilot.click("#keys", offset=(column, 0))
        assert app.focused is not None and app.focused.id == "filter"
        assert app.screen.query_one("#top", Bar).region.height == 1


@pytest.mark.parametrize("background", ["0;15", "15;0"])
async def test_the_theme_suits_the_terminal(workspace: Workspace, background: str, monkeypatch) -> None:
    monkeypatch.setenv("COLORFGBG", background)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "no runs yet")
        assert app.current_theme.dark is (background == "15;0")
        assert app.screen.styles.background.hex == ("#1C1C1C" if background == "15;0" else "#EEEEEE")


async def test_the_first_line_fits_again_after_a_resize(workspace: Workspace) -> None:
    app = opened(workspace)
    async with app.run_test(size=(160, 48)) as pilot:
        await sees(pilot, "7 agreement")
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: shown(app)[0].rstrip().endswith(" 0"), "the places by their numbers")
        assert "1 overview" in shown(app)[0]
