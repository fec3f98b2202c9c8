"""Runs on machines, on the screens: where they are, how the link stands, who follows them, and how one goes there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from engine.remote.wish import Wish
from engine.run import Run
from engine.workspace import Workspace
from tests.tui import rented
from tests.tui.helpers import LARGE, SMALL, Moving, made, opened, sees, until, words
from tests.tui.layout import _outside, _overlaps
from tests.tui.rented import SmallDesk, machine
from tui import onwhere
from tui.app import FootplateApp
from tui.options import Options
from tui.screens.confirm import Confirm
from tui.services import launching, shepherding
from tui.services import machines as services
from tui.services.gate import Gate
from tui.services.machines import Found


@pytest.fixture
def desk(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> SmallDesk:
    rented.write(workspace, hosts={"lab-box": {"address": "lab.example"}})
    made = SmallDesk(machine(), machine("cpu-1", "stopped", gpu="", gpus=0, spot=False, kind="cpu"))
    monkeypatch.setattr(services, "Desk", lambda *_given: made)
    return made


def lost(workspace: Workspace) -> Run:
    """A run on a machine that nobody follows: its shepherd is gone, and holds no lock."""
    return made(
        workspace, "far away", state="running", machine="gpu-1", link="connected", heartbeat_at=time.time() - 60
    )


async def test_a_run_on_a_machine_says_so_on_overview_runs_and_run(workspace: Workspace) -> None:
    moving = Moving(workspace)
    moving.tell(machine="gpu-1", link="connected", device="cuda-0")
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "a live one", "gpu-1")
        await pilot.press("2")
        await sees(pilot, "gpu-1", "on gpu-1")
        await pilot.press("enter")
        await sees(pilot, "on gpu-1 · cuda 0")
        assert "connected" not in words(app)  # all is well
        moving.tell(machine="gpu-1", link="out of touch", link_since=time.time() - 90, link_hint="it is tried again")
        await sees(pilot, "! out of touch since", "on gpu-1 → it is tried again")
    moving.end()


async def test_a_run_that_nobody_follows_is_followed_again_once_and_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, asked = lost(workspace), list[str]()
    monkeypatch.setattr("engine.remote.following.start", lambda _workspace, run: asked.append(run.id))
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "! nobody follows")
        await until(pilot, lambda: asked, "it is followed")
        app.look_again()
        await pilot.press("E")
        await sees(pilot, "far away", "is followed again, on gpu-1")
        assert asked == [run.id] and [call.what for call in app.lab.gate.calls] == [f"footplate follow {run.id}"]


async def test_who_only_looks_follows_nobody(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    lost(workspace)
    monkeypatch.setattr(shepherding, "follow", lambda *_given: pytest.fail("a shepherd was started"))
    app = FootplateApp(workspace.root, None, Options(read_only=True))
    async with app.run_test(size=LARGE) as pilot:
        await sees(pilot, "! nobody follows")
        await app.workers.wait_for_complete()


# --- launch -----------------------------------------------------------------------------------------------------------


async def test_a_run_goes_to_the_machine_that_was_chosen_and_the_question_names_the_money(
    workspace: Workspace, desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, Wish | None]] = []

    def start(_gate: Gate, job: str, _text: str, _source: str, wish: Wish | None) -> str:
        sent.append((job, wish))
        return moving.run.id

    moving = Moving(workspace)
    monkeypatch.setattr(launching, "start", start)
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("4")
        await sees(pilot, "✓ fits")
        await pilot.press("G", "ctrl+o")
        await sees(pilot, "Where does it run?", "gpu-1", "cpu-1", "lab-box", "new t4-spot")
        await pilot.press("j", "t", "a")
        await sees(pilot, "on gpu-1, then delete, keep alive")
        await pilot.press("enter", "ctrl+s")
        await sees(pilot, "Start toy (toy) on gpu-1?", "an hour while it runs", "is deleted when all is here")
        await pilot.press("enter")  # what costs is confirmed by y alone
        await until(pilot, lambda: not isinstance(app.screen, Confirm))
        assert sent == []
        await pilot.press("ctrl+s", "y")
        await until(pilot, lambda: sent, "it is started")
    moving.end()
    assert sent == [("toy", Wish("gpu-1", "delete", keep_alive=True))]


async def test_a_run_goes_to_a_new_machine_of_the_kind_that_was_chosen(
    workspace: Workspace, desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Wish | None] = []
    moving = Moving(workspace)

    def start(_gate: Gate, _job: str, _text: str, _source: str, wish: Wish | None) -> str:
        sent.append(wish)
        return moving.run.id

    monkeypatch.setattr(launching, "start", start)
    monkeypatch.setattr("engine.code.uncommitted", list)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("4")
        await sees(pilot, "✓ fits")
        await pilot.press("G", "ctrl+o")
        await sees(pilot, "new t4-spot", "spot, n1-standard-4")
        await pilot.press(*"jjjjj")
        await sees(pilot, "on new t4-spot t4-1, then stop")
        await pilot.press("enter", "ctrl+s")
        await sees(pilot, "on t4-1?", "a new machine is rented for it: t4-spot", "an hour while it runs")
        await pilot.press("y")
        await until(pilot, lambda: sent, "it is started")
        await until(pilot, lambda: app.place is not None and app.place.NAME == "run", "the run is opened")
    moving.end()
    assert sent == [Wish("t4-1", "stop", kind="t4-spot")]


def test_a_host_is_nobodys_to_stop_and_a_new_machine_has_a_name_of_its_own() -> None:
    from tests.tui.rented import KINDS
    from vmops.settings import Fixed

    found = Found(machines=(machine("t4-1"),), hosts=(Fixed("lab-box", "lab.example"),), kinds=KINDS,
                  kinds_usd={"t4-spot": 0.24})  # fmt: skip
    wish = Wish("", "stop", keep_alive=True)
    assert onwhere.chosen("lab-box", found, wish).wish == Wish("lab-box", "keep")
    new = onwhere.chosen("new:t4-spot", found, wish)
    assert new.wish == Wish("t4-2", "stop", keep_alive=True, kind="t4-spot")
    asked = onwhere.question(new, "it")
    assert "a new machine is rented for it: t4-spot" in asked and "$0.240 an hour while it runs" in asked
    assert onwhere.chosen("t4-1", found, new.wish).wish == Wish("t4-1", "stop", keep_alive=True), "it is there"
    assert onwhere.chosen("", found, wish).wish is None


# --- where there is little room ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(60, 14), SMALL, LARGE])
async def test_nothing_overlaps_or_falls_off(workspace: Workspace, desk: SmallDesk, size: tuple[int, int]) -> None:
    (workspace.root / "shelf" / "labels").mkdir(parents=True)
    workspace.file.write_text(workspace.file.read_text().replace("bucket: null", "bucket: shelf"))
    wrong: list[str] = []
    app = opened(Workspace(Path(workspace.root)))
    async with app.run_test(size=size) as pilot:

        def look(what: str) -> None:
            wrong.extend(f"{what}: {fault}" for fault in (*_outside(app.screen), *_overlaps(app.screen)))

        await pilot.press("9")
        await sees(pilot, "● running")
        for pane in ("detail", "runs", "acts", "orphans", "costs"):
            look(pane)
            await pilot.press("tab")
        await pilot.press("n")
        await sees(pilot, "pgup pgdn")
        look("create")
        await pilot.press("escape", "0")
        await until(pilot, lambda: app.place is not None and app.place.NAME == "bucket")
        look("bucket")
        await pilot.press("4", "ctrl+o")
        await sees(pilot, "Where does it run?")
        look("where")
    assert wrong == []
