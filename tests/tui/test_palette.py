"""Commands by their names, some with words behind them."""

from __future__ import annotations

from engine.workspace import Workspace
from tests.tui.helpers import SMALL, done, failed, opened, sees, until


async def test_a_command_takes_words(workspace: Workspace) -> None:
    run = done(workspace)
    failed(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "a good one", "a bad one")
        await pilot.press("colon", *"runs state:failed", "enter")
        await sees(pilot, "1 of 2 runs", "a bad one")
        await pilot.press("colon", *f"run {run.id[-8:]}", "enter")
        await until(pilot, lambda: app.place is not None and app.place.NAME == "run" and app.lab.opened == run.id)
        await pilot.press("colon", *"launch nothing", "enter")
        await sees(pilot, "launch takes no words")


async def test_a_run_that_is_not_there_is_told(workspace: Workspace) -> None:
    done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "a good one")
        await pilot.press("colon", *"run nowhere", "enter")
        await sees(pilot, "no run has 'nowhere' in its id")
