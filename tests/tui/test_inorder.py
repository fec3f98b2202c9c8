"""Keys that come faster than they are dealt with: each finds what the one before has left."""

from __future__ import annotations

import time

from textual import events
from textual.keys import _character_to_key

from engine.run import listing
from engine.workspace import Workspace
from tests.tui.helpers import SMALL, done, failed, opened, sees, until, words
from tui.app import FootplateApp
from tui.services.catalog import Catalog


def typed(app: FootplateApp, *keys: str) -> None:
    """All at once, as a slow line delivers them."""
    for key in keys:
        name = _character_to_key(key) if len(key) == 1 else key
        app.post_message(events.Key(name, " " if key == "space" else key if len(key) == 1 else None))


async def test_what_is_typed_into_a_line_that_a_key_has_just_opened_goes_into_it(workspace: Workspace) -> None:
    done(workspace)
    failed(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "a good one")
        typed(app, "2", *"/bad", "enter", "a", "n")
        await sees(pilot, "/bad", "1 of 2 runs")
        await until(pilot, lambda: "Archive" not in words(app))
    assert len(listing(workspace)) == 2


async def test_keys_before_the_first_runs_are_there_wait_for_them(workspace: Workspace) -> None:
    runs = [done(workspace), failed(workspace)]
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        typed(app, "2", "space", "space", "a")
        await sees(pilot, "Archive 2 runs?", *(run.id for run in runs))


async def test_keys_do_not_give_up_on_a_slow_disk(workspace: Workspace, monkeypatch) -> None:
    step = Catalog.step

    def slow(catalog: Catalog) -> float:
        time.sleep(3.5)
        return step(catalog)

    monkeypatch.setattr(Catalog, "step", slow)
    runs = [done(workspace), failed(workspace)]
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        typed(app, "2", "space", "space", "a")
        await sees(pilot, "Archive 2 runs?", *(run.id for run in runs))


async def test_a_dialog_and_what_comes_after_it_take_their_own_keys(workspace: Workspace) -> None:
    run = done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "a good one")
        typed(app, "2", "e", *"gold", "tab", *"mine", "enter", "/", *"tag:gold", "enter")
        await sees(pilot, "/tag:gold", "1 run", "mine")
    assert (run.folder / "labels.json").exists()


async def test_the_way_out_is_open_while_keys_wait(workspace: Workspace, monkeypatch) -> None:
    monkeypatch.setattr("tui.services.catalog.Catalog.step", lambda _self: 60.0)  # a disk that does not answer
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        typed(app, "2", "j", "ctrl+q")
        await until(pilot, lambda: app._exit)


async def test_keys_that_wait_do_not_rush_to_what_goes_away(workspace: Workspace, monkeypatch) -> None:
    done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "a good one")
        app.hold()
        typed(app, *"jk" * 600)
        await until(pilot, lambda: len(app._typed) == 1200)
        assert app.focused is not None
        with monkeypatch.context() as patch:
            patch.setattr(type(app.focused), "post_message", lambda *_: False)  # as what goes away takes no more
            await app.release()
        assert len(app._typed) == 1199, "they do not rush to what goes away"
    assert app._exception is None


async def test_keys_that_still_wait_when_the_last_screen_has_gone_raise_nothing(workspace: Workspace) -> None:
    done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "a good one")
        app.hold()
        typed(app, "2", "j", "end")
        await until(pilot, lambda: len(app._typed) == 3)
    await app.release()  # as from a worker that ends late
    assert app._exception is None


async def test_leaving_while_the_runs_are_being_read_raises_nothing(workspace: Workspace) -> None:
    done(workspace)
    for pauses in range(4):  # the first runs arrive at another moment of the way out each time
        app = opened(workspace)
        async with app.run_test(size=SMALL) as pilot:
            for _ in range(pauses):
                await pilot.pause()
        assert app._exception is None
