"""A recording is shown again as it was: its clock, its keys, and what it cannot do."""

from __future__ import annotations

import gzip
import json
import math
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from engine.errors import FootplateError
from engine.workspace import Workspace
from tests.tui.helpers import LARGE, SMALL, Moving, done, failed, sees, until
from tests.tui.tapes import ENTRY, lines_of, recording_of
from tui import still
from tui.actions import REPLAY, SCREENS, of
from tui.opening import taped
from tui.options import Options
from tui.replayed import TICK_S, ReplayApp, opened
from tui.screens.seek import place
from tui.services.recording.clock import Clock
from tui.services.recording.codec import plain
from tui.services.recording.question import Question, question
from tui.services.recording.reader import read
from tui.taped import LOOK_S


def test_the_clock_stands_plays_leaps_and_ends() -> None:
    clock = Clock(100.0, playing=False)
    clock.seek(40.0)
    assert clock.position == 40.0 and not clock.playing
    clock.faster(3)
    clock.play()
    time.sleep(0.05)
    assert clock.speed == 8 and 40.2 < clock.position < 60.0
    clock.seek(1000.0)
    assert clock.position == 100.0 and not clock.playing
    clock.play()
    assert clock.position < 50.0 and clock.playing
    clock.seek(-5.0)
    clock.pause()
    assert clock.position < 1.0


TIMES = {"90": 90.0, "1:30": 90.0, "1:00:05": 3605.0, "+30": 80.0, "-1:00": -10.0, "50%": 300.0, "x": None, "": None,
         "-50%": None}  # fmt: skip


@pytest.mark.parametrize(("text", "seconds"), TIMES.items())
def test_a_time_is_understood(text: str, seconds: float | None) -> None:
    assert place(text, 50.0, 600.0) == seconds


@pytest.mark.parametrize("screen", SCREENS)
def test_no_key_of_a_replay_means_something_else_on_a_screen(screen: str) -> None:
    keys = [key for action in of(screen, REPLAY) for key in action.keys]
    assert sorted(set(keys)) == sorted(keys)


# --- services -------------------------------------------------------------------------------------------------------


def test_a_question_is_known_by_its_service_and_what_it_is_about(workspace: Workspace) -> None:
    from functools import partial

    from tui.services.artifacts import preview

    asked = question(partial(preview, workspace, "id", "a.png", 10, 20))
    assert asked == Question("tui.services.artifacts:preview", ("id", "a.png", 10, 20))
    other, elsewhere = (Question(asked.name, about) for about in (("id", "a.png", 1, 2), ("id", "b.png", 10, 20)))
    assert asked.likeness(other)[0] and not asked.likeness(elsewhere)[0]
    assert question(lambda: 1) is None and question(workspace.must_be_writable) is None


async def _recorded(workspace: Workspace, file: Path) -> None:
    """A session: the overview, a moving run that ends, its log, its files."""
    moving = Moving(workspace)
    done(workspace)
    app = taped(workspace.root, None, Options(record=str(file)))
    async with app.run_test(size=(100, 30)) as pilot:
        await sees(pilot, "● rec", "a live one", "a good one")
        await pilot.pause(2 * LOOK_S)  # the tape looks where one is
        app.open_run(moving.run.id)
        await sees(pilot, "● running", "look  log")
        for _ in range(20):
            moving.step()
        await sees(pilot, "20 of 50 steps")
        await pilot.press("l")
        await sees(pilot, "step 20.0", "following")
        moving.tell(state="done", ended_at=time.time())
        await sees(pilot, "✓ done")
        await pilot.press("2", "slash", *"good")
        await sees(pilot, "1 of 2 runs")
        await pilot.pause(0.5)
    moving.end()


async def _settled(app: ReplayApp) -> str:
    await still.settled(app)
    return still.text(app)


@pytest.fixture
async def recording(workspace: Workspace, tmp_path: Path) -> Path:
    file = tmp_path / "session.jsonl"
    await _recorded(workspace, file)
    return file


async def test_a_replay_shows_what_was_seen_and_goes_back_to_any_time(recording: Path) -> None:
    told = read(str(recording))
    assert {"session"} <= {recording.stem} and told.troubles == []
    lines = {line.get("kind"): line for line in lines_of(recording)}
    assert {"runs", "events", "log", "status", "key", "where", "answer", "size", "end"} <= set(lines)
    first = next(t for t, where in zip(told.where.times, told.where.items, strict=True) if where["place"] == "run")
    app = opened(Options(replay=str(recording)), at=told.length_s, playing=False)
    async with app.run_test(size=SMALL) as pilot:
        end = await _settled(app)
        assert " REPLAY ‖" in end and "a good one" in end and "1 of 2 runs" in end and "a live one" not in end
        app.clock.seek(0.7 * first)
        begin = await _settled(app)
        assert "Moving" in begin and "● running" in begin and "REPLAY ‖ 0:0" in begin
        for at in (told.length_s, first + 0.3, told.length_s):
            app.clock.seek(at)
            await _settled(app)
        assert await _settled(app) == end
        await pilot.press("3")
        await sees(pilot, "✓ done")
        await pilot.press("l")
        await sees(pilot, "step 20.0", "of 20")
        await pilot.press("g")
        await sees(pilot, "step 1.0")
        app.clock.seek(0.0)
        await until(pilot, lambda: "step 1.0" not in still.text(app), "the log to be empty again")


async def test_nothing_can_be_changed_in_a_replay(recording: Path, workspace: Workspace) -> None:
    before = sorted(workspace.root.rglob("*"))
    app = opened(Options(replay=str(recording)), at=math.inf, playing=False)
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await _settled(app)
        await pilot.press("escape", "2")
        for key in ("a", "r", "e"):
            await pilot.press(key)
        await sees(pilot, "this is a replay")
        with pytest.raises(FootplateError, match="this is a replay"):
            app.lab.gate.change("anything", lambda: None)
        await pilot.press("4")
        await sees(pilot, "not in the recording")
    assert sorted(workspace.root.rglob("*")) == before and not app.replay.root.exists()


async def test_the_keys_of_a_replay(recording: Path) -> None:
    app = opened(Options(replay=str(recording)), playing=False)
    async with app.run_test(size=SMALL) as pilot:
        await _settled(app)
        await pilot.press("dollar_sign")
        assert app.clock.position == app.clock.length_s
        await pilot.press("comma")
        before = app.clock.position
        assert before < app.clock.length_s
        await pilot.press("full_stop")
        assert app.clock.position > before
        await pilot.press("circumflex_accent", "right_curly_bracket", "right_curly_bracket")
        assert app.clock.position == 0.0 and app.clock.speed == 4
        await pilot.press("K")
        await until(pilot, lambda: app.clock.position > 0.1, "time passes")
        await pilot.press("K", "left_curly_bracket")
        app.clock.pause()  # on a busy machine it had come to its end, and that K began it anew
        await sees(pilot, "REPLAY ‖", "×2")
        await pilot.press("T")
        await pilot.pause(3 * TICK_S)  # nobody is led away from a question
        await pilot.press(*"50%", "enter")
        await until(pilot, lambda: app.clock.position == app.clock.length_s / 2)
        await pilot.press("j")
        assert app.alone
        await pilot.press("equals_sign")
        assert not app.alone
        await pilot.press("greater_than_sign")
        assert app.clock.position == app.clock.length_s


async def test_an_answer_that_nobody_heard_is_not_in_therecording_of(recording: Path, workspace: Workspace) -> None:
    from functools import partial

    from tui.services.about import about

    app = opened(Options(replay=str(recording)), playing=False)
    ids = [entry["id"] for entry in lines_of(recording)[-1:] if "id" in entry] or ["20260101-000000-toy-0000"]
    with pytest.raises(FootplateError, match="not in the recording"):
        app.replay.ask(partial(about, workspace, ids[0]))
    app.replay.close()


def test_a_moment_is_drawn_without_a_terminal(workspace: Workspace, tmp_path: Path, capsys: Any) -> None:
    from tests.tui.scenes import RECORDING

    assert still.main([str(RECORDING), "--size", "90x25", "--at", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 25 and lines[0].startswith(" REPLAY ‖ 0:03")
    assert still.main([str(RECORDING), "--svg", "--out", str(tmp_path / "x.svg")]) == 0
    assert (tmp_path / "x.svg").read_text().startswith("<svg")
    assert still.main([str(RECORDING), "--size", "big"]) == 2
    assert still.main([str(tmp_path / "no")]) == 1


def test_the_recording_of_the_tests_names_nobody() -> None:
    from tests.recordings.make import TARGET

    text = gzip.decompress(TARGET.read_bytes()).decode()
    for private in (os.uname().nodename, Path(__file__).parent.parent.parent, "/tmp", "/root", sys.prefix):
        assert not re.search(rf"(?<![\w+/]){re.escape(str(private))}(?!\w)", text), private


async def test_a_failed_run_that_was_recorded_says_why(workspace: Workspace, tmp_path: Path) -> None:
    run, file = failed(workspace), tmp_path / "f.jsonl.gz"
    app = taped(workspace.root, run.id, Options(record=str(file)))
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "✗ failed", "labels.csv: no column 'subject'")
        await pilot.pause(0.4)
    replay = opened(Options(replay=str(file)), at=math.inf, playing=False)
    async with replay.run_test(size=LARGE):
        assert "labels.csv: no column 'subject'" in await _settled(replay)


async def test_a_way_that_cannot_be_gone_is_told_and_the_replay_goes_on(tmp_path: Path) -> None:
    lines = [
        {"t": 0, "kind": "runs", "all": {ENTRY.id: plain(ENTRY)}},
        {"t": 1, "kind": "where", "changed": {"place": "run", "run": ENTRY.id}},
        {"t": 2, "kind": "where", "changed": {"place": {"=": "tui.no:Such"}}},
    ]
    app = opened(Options(replay=recording_of(tmp_path, *map(json.dumps, lines))), at=1.0, playing=False)
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await sees(pilot, "where the person was cannot be shown", "'compared'")
        assert app.alone
        await pilot.press("dollar_sign")
        await sees(pilot, "is not known to this version")
        await pilot.press("2")
        await sees(pilot, "✓ done", "1 run")


async def test_a_tick_that_comes_while_the_app_leaves_raises_nothing(recording: Path) -> None:
    app = opened(Options(replay=str(recording)), playing=False)
    async with app.run_test(size=SMALL):
        await _settled(app)
    app._wanted = None  # somewhere to lead to
    app.tick()
