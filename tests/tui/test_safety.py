"""Whatever somebody types: read-only touches nothing, and without an answered question nothing is changed."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key

from engine import archive as archives
from engine.annotations.decision import Decision, Unit
from engine.annotations.log import Log
from engine.workspace import Workspace
from tests.tui.helpers import SMALL, done, failed, made, opened, sees, until
from tests.tui.labelled import study
from tui.actions import SCREENS, TABLE
from tui.app import FootplateApp
from tui.options import Options
from tui.screens.dialog import Dialog
from tui.services import acts
from tui.services.gate import Gate, ReadOnlyError

TINY = (20, 5)
SLOW_SMALL, SLOW_TINY = (pytest.param(size, 5000, marks=pytest.mark.slow) for size in (SMALL, TINY))
KEYS = sorted({key for action in TABLE for key in action.keys} | {"y", "enter", "space", *"aotz59.|!"})
THEME = {key for action in TABLE if action.id == "theme" for key in action.keys}
OFTEN = [key for key in KEYS if key not in THEME]  # each new theme has all styles parsed anew, and changes nothing else
LETTERS = "state:done loss<1"


def tree(folder: Path) -> dict[str, Any]:
    """All that lies in a folder, with its content; not what Python compiled, nor what SQLite shares with readers."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts and ".code" not in path.parts and not path.name.endswith(("-shm", "-wal"))
    }


def filled(workspace: Workspace) -> None:
    (workspace.configs / "machines.yaml").unlink(missing_ok=True)  # test_machines.py has a cloud for these keys
    parent = done(workspace)
    failed(workspace)
    made(workspace, "a child", parents=[parent.id], state="stopped", ended_at=1.0)


def say(workspace: Workspace) -> None:
    """Two coders who do not see the same."""
    with Log.open(workspace.labels) as log:
        for coder, value in (("ana", "first"), ("ben", "second")):
            log.add([Decision(coder, Unit("kitchen00", index), "perspective", value, 1.0) for index in range(3)])


def said(workspace: Workspace) -> list[Decision]:
    with Log.open(workspace.labels, readonly=True) as log:
        return list(log.history())


def app_of(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, *, read_only: bool) -> FootplateApp:
    monkeypatch.setattr(FootplateApp, "exit", lambda *_a, **_k: None)  # or the first q would end it all
    return FootplateApp(workspace.root, None, Options(read_only=read_only))


async def hammer(app: FootplateApp, size: tuple[int, int], count: int, seed: int, *, agrees: bool = False) -> None:
    """Random keys as fast as they come; now and then a few letters, as into a line; `agrees` says yes after each."""
    random = Random(seed)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.lab.entries is not None, "the runs are read")
        sent = 0
        while sent < count:
            known = OFTEN if random.random() < 0.9 else KEYS
            keys = list(LETTERS) if random.random() < 0.01 else [random.choice(known) for _ in range(20)]
            if agrees:
                keys = [key for each in keys for key in (each, "y")]
            for key in keys:
                name = _character_to_key(key) if len(key) == 1 else key
                sign = " " if key == "space" else key if len(key) == 1 else None
                app.post_message(events.Key(name, sign))
            sent += len(keys)
            await until(pilot, lambda: not app._typed or app._exception, "all keys are through")
            assert app._exception is None and app.is_running
        await app.workers.wait_for_complete()
        await pilot.pause()


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("size", "count"), [(SMALL, 1500), SLOW_SMALL, (TINY, 5000)])
async def test_thousands_of_keys_in_read_only_touch_nothing(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size, count
) -> None:
    filled(study(workspace, videos=2, frames=3))
    say(workspace)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    before, labels = tree(tmp_path), said(workspace)
    await hammer(app_of(workspace, monkeypatch, read_only=True), size, count, seed=1)
    assert tree(tmp_path) == before and said(workspace) == labels


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("size", "count"), [(SMALL, 1200), SLOW_SMALL, (TINY, 1000), SLOW_TINY])
async def test_thousands_of_keys_change_nothing_while_every_question_is_answered_by_no(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size, count
) -> None:
    filled(workspace)
    before = tree(workspace.root)
    asked: list[str] = []

    def no(dialog: Dialog[Any], result: Any) -> None:
        asked.append(type(dialog).__name__)
        answer(dialog, False if isinstance(result, bool) else result if type(dialog).__name__ in LOOKS else None)

    answer = Dialog.answer
    monkeypatch.setattr(Dialog, "answer", no)
    app = app_of(workspace, monkeypatch, read_only=False)
    await hammer(app, size, count, seed=2)
    assert [call.what for call in app.lab.gate.calls] == []
    assert tree(workspace.root) == before
    assert ("Confirm" in asked) == (size == SMALL)


LOOKS = ("Palette",)  # what it answers with is looked at like a key, and asks again where it changes something


@pytest.mark.timeout(300)
async def test_keys_with_answers_raise_nothing(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(workspace)
    app = app_of(workspace, monkeypatch, read_only=False)
    await hammer(app, SMALL, 1200, seed=3, agrees=True)
    assert app.lab.gate.calls, "y was never pressed in a question"


# --- the gate itself -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [acts.stop, acts.retry, acts.resume, acts.archive, acts.restore])
def test_a_closed_gate_refuses_every_act_itself(workspace: Workspace, act) -> None:
    run = done(workspace)
    gate = Gate(workspace, "opened with --read-only")
    before = tree(workspace.root)
    with pytest.raises(ReadOnlyError, match="read-only"):
        act(gate, run.id)
    assert tree(workspace.root) == before
    assert [(call.ok, run.id in call.what) for call in gate.calls] == [(False, True)]


def test_the_gate_logs_what_went_through_with_its_result(workspace: Workspace) -> None:
    run = done(workspace)
    gate = Gate(workspace)
    acts.label(gate, run.id, ("gold",), "it's good")
    acts.archive(gate, run.id)
    with pytest.raises(Exception, match="nothing to stop"):
        acts.stop(gate, run.id)
    log = list(gate.calls)
    assert [call.ok for call in log] == [True, True, False] and all(call.seconds >= 0 for call in log)
    assert log[0].what.startswith(f"footplate label {run.id} --add gold --note") and "is archived" in log[1].said


async def test_the_command_log_shows_what_was_done_and_what_can_be_undone(workspace: Workspace) -> None:
    run = done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "a good one")
        await pilot.press("2", "a", "y")
        await sees(pilot, "no runs yet")
        await pilot.press("at")
        await sees(pilot, "Command log", f"✓ footplate archive {run.id}", "is archived", "z takes back archiving 1 run")


async def test_read_only_says_why_and_offers_no_such_key(workspace: Workspace) -> None:
    done(workspace)
    app = FootplateApp(workspace.root, None, Options(read_only=True))
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "a good one", "read-only")
        assert "retry" not in app.screen.query_one("#keys").render_line(0).text  # type: ignore[attr-defined]
        await pilot.press("r")
        await sees(pilot, "not now: retry", "opened with --read-only")


async def test_a_question_cannot_be_answered_where_it_cannot_be_seen(workspace: Workspace) -> None:
    run = done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "a good one")
        await pilot.press("2", "a")
        await sees(pilot, "Archive 1 run?")
        await pilot.resize_terminal(*TINY)
        await pilot.press("y")
        await pilot.resize_terminal(*SMALL)
        await sees(pilot, "a good one")
    assert run.folder.is_dir() and len(SCREENS) >= 5


async def test_a_yes_means_the_runs_that_the_question_named(workspace: Workspace) -> None:
    """Between the question and the answer somebody else archives the run, and the cursor has to go elsewhere."""
    other, named = done(workspace, "another one"), failed(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("2", "slash", *"bad", "enter")
        await sees(pilot, "1 of 2 runs")
        await pilot.press("escape", "a")
        await sees(pilot, "Archive 1 run?", named.id)
        archives.archive(workspace, named)
        app.look_again()
        await until(pilot, lambda: len(app.lab.entries or ()) == 1, "it is gone from the list")
        await pilot.press("y")
        await until(pilot, lambda: bool(app.lab.gate.calls), "the answer is taken")
        await app.workers.wait_for_complete()
    assert other.folder.is_dir() and all(named.id in call.what for call in app.lab.gate.calls)
