"""What is remembered from one time to the next, and that nothing of it can do harm."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import pytest
from textual.pilot import Pilot

from engine import home
from engine.workspace import Workspace
from tests.tui.helpers import SMALL, done, opened, sees, until, words
from tui import remembering
from tui.app import FootplateApp
from tui.options import Options
from tui.screens.runs import RunsScreen
from tui.services import session
from tui.services.session import FORGET_S, Session, put_aside, read, write

WHOLE = Session(
    "runs", "20260203-101522-toy-3f9c", "footplate-light", 5.0, {"runs": {"filter": "gold", "marks": ["a"]}}
)


# --- the file ---------------------------------------------------------------------------------------------------------


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "footplate" / "x.json"
    assert read(file) == (Session(), "")
    write(file, WHOLE)
    assert read(file) == (WHOLE, "") and file.parent.stat().st_mode & 0o077 == 0


DAMAGED = [b"", b"{", b"[]", b"\xff\x00", b'"x"', b'{"kept": []}', b'{"kept": {}, "looked_at": "x"}', b"[" * 99999,
           b'{"kept": {}, "x": "' + b"a" * (1 << 20) + b'"}']  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_is_told_and_counts_as_empty(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(damage)
    found, fault = read(file)
    assert found == Session() and fault.endswith("x.json: damaged")
    assert "x.damaged" in put_aside(file)
    assert not file.exists() and (tmp_path / "x.damaged").read_bytes() == damage


def test_what_does_not_fit_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"place": 5, "kept": {"runs": 7, "run": {"pane": "log"}}, "of tomorrow": 1}')
    assert read(tmp_path / "x.json") == (Session(place="5", kept={"run": {"pane": "log"}}), "")


def test_two_screens_on_a_workspace_leave_a_whole_file_that_knows_when_one_looked_last(tmp_path: Path) -> None:
    file = tmp_path / "x.json"

    def leave(number: int) -> None:
        for n in range(20):
            write(file, Session(f"screen {number}", looked_at=float(number * 100 + n)))

    threads = [threading.Thread(target=leave, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found, fault = read(file)
    assert not fault and found.place in ("screen 1", "screen 2") and found.looked_at >= 119.0
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]


def test_what_nobody_came_back_to_is_forgotten(tmp_path: Path) -> None:
    for name, age in (("old", FORGET_S + 9), ("new", 9.0)):
        write(tmp_path / f"{name}.json", WHOLE)
        os.utime(tmp_path / f"{name}.json", (time.time() - age,) * 2)
    write(tmp_path / "mine.json", WHOLE)
    assert {path.name for path in tmp_path.iterdir()} == {"new.json", "mine.json"}


# --- the screens ------------------------------------------------------------------------------------------------------


async def ready(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: pilot.app.place is not None and pilot.app.tellings.looked_at)  # type: ignore[attr-defined]


def written(workspace: Workspace) -> dict[str, object]:
    from tests.lab import until as until_

    until_(session.path(workspace).exists, "it is written")
    until_(lambda: not any(thread.name == "session" for thread in threading.enumerate()), "it is written")
    return json.loads(session.path(workspace).read_text())  # type: ignore[no-any-return]


async def test_the_screens_begin_where_they_were_left(workspace: Workspace) -> None:
    run = done(workspace)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "good one")
        await ready(pilot)
        await pilot.press("2", "slash", *"accuracy", "enter", "3", "ctrl+t", "2")
        await sees(pilot, "accuracy")
        app.lab.opened = run.id
        await pilot.press("ctrl+q")
    assert written(workspace)["place"] == "runs"
    again = opened(workspace)
    async with again.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: again.place is not None and again.place.NAME == "runs")
        assert again.theme == "footplate-light" and again.lab.opened == run.id


async def test_keys_that_are_typed_ahead_go_on_from_there(workspace: Workspace) -> None:
    write(session.path(workspace), Session(place="runs"))
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("4")
        await until(pilot, lambda: app.place is not None and app.place.NAME == "launch")
        await pilot.press("escape")
        await until(pilot, lambda: app.place is not None and app.place.NAME == "runs")


async def test_a_run_that_is_named_comes_before_what_is_remembered(workspace: Workspace) -> None:
    write(session.path(workspace), Session(place="launch", opened="gone"))
    run = done(workspace)
    app = opened(workspace, run)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✓ done", "a good one")
        assert app.lab.opened == run.id


async def test_each_screen_gets_back_what_it_kept_and_the_rest_stays(workspace: Workspace, monkeypatch) -> None:
    given: list[object] = []
    monkeypatch.setattr(RunsScreen, "restore", lambda _, kept: given.append(kept))
    monkeypatch.setattr(RunsScreen, "kept", lambda _: {"mine": 2})
    write(session.path(workspace), Session(kept={"runs": {"mine": 1}, "launch": {"job": "toy"}}))
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await pilot.press("2")
        await until(pilot, lambda: given == [{"mine": 1}])
        await pilot.press("ctrl+q")
    kept = written(workspace)["kept"]
    assert isinstance(kept, dict) and kept["runs"] == {"mine": 2} and kept["launch"] == {"job": "toy"}


async def test_a_screen_that_cannot_be_restored_begins_anew(workspace: Workspace, monkeypatch) -> None:
    def restore(*_: object) -> None:
        raise KeyError("filter")

    monkeypatch.setattr(RunsScreen, "restore", restore)
    write(session.path(workspace), Session(place="runs", kept={"runs": {"filter": 5}}))
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "runs begins anew", "no runs yet")


async def test_fresh_ignores_it_and_remembers_when_one_looked_last(workspace: Workspace) -> None:
    write(session.path(workspace), Session(place="runs", opened="x", theme="footplate-light", looked_at=7.0))
    app = FootplateApp(workspace.root, None, Options(fresh=True))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        assert app.place is not None and app.place.NAME == "overview" and not app.lab.opened
        assert app.tellings.looked_at == 7.0


async def test_read_only_writes_nothing(workspace: Workspace) -> None:
    app = FootplateApp(workspace.root, None, Options(read_only=True))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await pilot.press("2", "ctrl+q")
    assert not home.state().exists()


async def test_a_damaged_file_is_put_aside_and_told_and_left_alone_in_read_only(workspace: Workspace) -> None:
    file = session.path(workspace)
    file.parent.mkdir(parents=True)
    file.write_text("{")
    app = FootplateApp(workspace.root, None, Options(read_only=True))
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "where you were", "damaged")
    assert file.read_text() == "{"
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await sees(pilot, "where you were", "begins anew")
        assert file.with_suffix(".damaged").exists() and not file.exists()


async def test_what_changes_is_written_now_and_then(workspace: Workspace, monkeypatch) -> None:
    monkeypatch.setattr(remembering, "EVERY_S", 0.05)
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot)
        await pilot.press("2")
        await until(pilot, lambda: read(session.path(workspace))[0].place == "runs")
        before = session.path(workspace).stat().st_mtime_ns
        await pilot.pause(0.2)
        assert session.path(workspace).stat().st_mtime_ns == before  # nothing changed, nothing is written


async def test_a_folder_that_cannot_be_written_is_told(workspace: Workspace, monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(remembering, "EVERY_S", 0.05)
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("2")
        await sees(pilot, "where you are is not kept")
        assert "Traceback" not in words(app)
