"""What the screens saw is kept, whatever happens to the writer, and shown again as it was."""

from __future__ import annotations

import gzip
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from array import array
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.criteria import Judged
from engine.errors import FootplateError
from engine.status import Status
from engine.workspace import Workspace
from tests.tui.helpers import LARGE, SMALL, Moving, done, failed, sees, until
from tui import still
from tui.actions import REPLAY, SCREENS, of
from tui.entries import Entry, Load
from tui.opening import taped
from tui.options import Options
from tui.replayed import TICK_S, ReplayApp, opened
from tui.screens.seek import place
from tui.services.artifacts import Preview
from tui.services.recording.clock import Clock
from tui.services.recording.codec import UnknownError, made, plain
from tui.services.recording.logtrack import FIRST, LogTrack
from tui.services.recording.patch import difference, patched
from tui.services.recording.question import Question, question
from tui.services.recording.reader import read
from tui.services.recording.shadow import Shadow
from tui.services.recording.tape import MARK, Tape
from tui.taped import LOOK_S

# --- values ---------------------------------------------------------------------------------------------------------

ENTRY = Entry("20260203-101522-toy-3f9c", "toy", 1.5, Status(
    state="done", metrics={"loss": math.inf}, criteria=(Judged("loss", "< 1", None, None),), flags=("a", "b"),
    artifacts=({"name": "x", "about": "", "size_bytes": 1, "sha256": "0"},),
), ("gold",), "note", Load(1.0, 2))  # fmt: skip
VALUES = [
    ENTRY, (1, [2, (3,)], {"a": None}), {1: "one", "=": "two"}, b"\0\xff", Path("/x"), [math.inf, -math.inf],
    Preview("picture", pixels=[[(0, 1, 2), (3, 4, 5)], [(6, 7, 8), (9, 10, 255)]]), array("d", [1.0, 2.0]),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    assert made(json.loads(json.dumps(plain(value)))) == value


def test_only_our_own_values_are_kept_and_made() -> None:
    with pytest.raises(UnknownError):
        plain(object())
    for name in ("subprocess:Popen", "engine.run:Run.nothing", "tui.app:FootplateApp", "engine.no:Such"):
        with pytest.raises(UnknownError):
            made({"=": name})


JSON = st.recursive(
    st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.text(max_size=2), inner, max_size=4),
)


@given(JSON, JSON)
def test_a_difference_makes_the_new_of_the_old(old: Any, new: Any) -> None:
    assert patched(old, difference(old, new)) == new


# --- the file -------------------------------------------------------------------------------------------------------


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


WRITER = """
import sys, time
from tui.services.recording.tape import Tape
tape = Tape(sys.argv[1]).start({"size": [80, 24]})
for number in range(100000):
    tape.line("key", key=str(number))
    print(number, flush=True)
    time.sleep(0.01)
"""


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_writer_that_is_killed_has_lost_less_than_a_second(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    last = 0
    while last < 120:
        last = int(writer.stdout.readline())
    os.kill(writer.pid, signal.SIGKILL)
    last = max([last, *map(int, writer.stdout.read().split())])
    writer.wait()
    kept = read(str(file))
    assert kept.troubles == []
    assert last - int(kept.keys.items[-1]) < 100  # a hundred a second
    assert kept.keys.items == [str(number) for number in range(len(kept.keys.items))]


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(FootplateError, match="exists already"):
        Tape(str(tmp_path / "a"))
    with pytest.raises(FootplateError, match="No such file"):
        Tape(str(tmp_path / "nowhere" / "a"))
    assert (tmp_path / "a").read_text() == "mine"


def test_the_limit_is_told_and_kept(tmp_path: Path) -> None:
    tape, told = Tape(str(tmp_path / "a"), limit_bytes=2000), []
    tape.failed = lambda why, what_to_do: told.append((why, what_to_do))
    tape.start({})
    for number in range(1000):
        tape.line("key", key=f"{number:050}")
    tape.close()
    assert [why for why, _ in told] == ["it has reached 2.0 KiB"]
    assert (tmp_path / "a").stat().st_size < 2100
    assert "limit" in read(str(tmp_path / "a")).troubles[0]


def test_a_fault_while_writing_is_told(tmp_path: Path) -> None:
    tape, told = Tape(str(tmp_path / "a")), []
    tape.failed = lambda why, _what_to_do: told.append(why)
    tape.start({})
    tape.line("key", key=object())
    tape.close()
    assert "not JSON serializable" in told[0]


def _recording(tmp_path: Path, *lines: str) -> str:
    file = tmp_path / "r.jsonl"
    file.write_text("\n".join([json.dumps({MARK: 1, "at": 1000.0, "size": [80, 24]}), *lines]))
    return str(file)


KEY = '{"t":1.5,"kind":"key","key":"j"}'


def test_half_a_line_at_the_end_is_nothing_to_tell(tmp_path: Path) -> None:
    found = read(_recording(tmp_path, KEY, KEY[:10]))
    assert found.keys.items == ["j"] and found.troubles == [] and found.length_s == 1.5


@pytest.mark.parametrize("damage", [KEY[:10], "[]", '{"t":1}', '{"t":"x","kind":"key"}', '{"t":1,"kind":"runs"}x'])
def test_damage_in_the_middle_is_told_with_its_line(tmp_path: Path, damage: str) -> None:
    found = read(_recording(tmp_path, KEY, damage, KEY))
    assert found.keys.items == ["j", "j"]
    assert len(found.troubles) == 1 and found.troubles[0].startswith("r.jsonl:3: damaged")


def test_what_is_no_recording_is_told(tmp_path: Path) -> None:
    (tmp_path / "no").write_text('{"a": 1}\n')
    (tmp_path / "later").write_text(json.dumps({MARK: 99}) + "\n")
    (tmp_path / "packed").write_bytes(b"\x1f\x8b nothing")
    for name, words in (("no", "no recording"), ("later", "later version"), ("packed", "cannot be read"), ("x", "x")):
        with pytest.raises(FootplateError, match=words):
            read(str(tmp_path / name))


def test_a_list_is_folded_from_the_last_whole_one(tmp_path: Path) -> None:
    from tui.services.recording.replay import PlayedList

    lines = [
        {"t": 1, "kind": "runs", "all": {"a": plain(ENTRY)}},
        {"t": 2, "kind": "runs", "changed": {"a": {"note": "new"}, "b": plain(ENTRY)}},
        {"t": 3, "kind": "runs", "changed": {"a": None}},
        {"t": 4, "kind": "runs", "all": {"c": plain(ENTRY)}},
    ]
    found = read(_recording(tmp_path, *map(json.dumps, lines)))
    heard: list[Any] = []
    clock = Clock(found.length_s, playing=False)
    played = PlayedList(found.runs, clock, lambda message: heard.append(message.entries))
    for at, notes in ((2, ["note", "new"]), (0, []), (3, ["note"]), (4, ["note"]), (1, ["note"])):
        clock.seek(at)
        played.step()
        assert [entry.note for entry in heard[-1]] == notes


# --- logs -----------------------------------------------------------------------------------------------------------


def test_a_log_is_kept_from_its_end_and_what_is_skipped_is_said(workspace: Workspace, tmp_path: Path) -> None:
    run = done(workspace)
    run.log.write_text("".join(f"line {n}\n" for n in range(60000)))
    track = LogTrack(workspace, run.id)
    (piece,) = track.grown()
    assert piece["text"].startswith("line ") and piece["text"].endswith("line 59999\n")
    assert piece["skipped"] + len(piece["text"]) == run.log.stat().st_size and len(piece["text"]) <= FIRST
    with run.log.open("ab") as log:
        log.write(b"\xff half")
    (more,) = track.grown()
    run.log.write_text("anew\n")
    (anew,) = track.grown()
    assert anew == {"text": "anew\n", "afresh": True}
    file = _recording(tmp_path, *(json.dumps({"t": at, "kind": "log", "run": run.id, **said})
                                  for at, said in enumerate((piece, more, anew))))  # fmt: skip
    shadow = Shadow(tmp_path / "log", read(file).each[run.id].log)
    assert shadow.show(2) and shadow.path.read_bytes().endswith(b"line 59999\n\xff half")
    assert "are not in the recording" in shadow.path.read_bytes().decode("utf-8", "replace").splitlines()[0]
    assert shadow.show(3) and shadow.path.read_text() == "anew\n" and not shadow.show(3)
    assert shadow.show(1) and shadow.path.read_bytes().endswith(b"line 59999\n")


# --- time -----------------------------------------------------------------------------------------------------------


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
    lines = {line.get("kind"): line for line in _lines(recording)}
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


async def test_an_answer_that_nobody_heard_is_not_in_the_recording(recording: Path, workspace: Workspace) -> None:
    from functools import partial

    from tui.services.about import about

    app = opened(Options(replay=str(recording)), playing=False)
    ids = [entry["id"] for entry in _lines(recording)[-1:] if "id" in entry] or ["20260101-000000-toy-0000"]
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
    app = opened(Options(replay=_recording(tmp_path, *map(json.dumps, lines))), at=1.0, playing=False)
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await sees(pilot, "where the person was cannot be shown", "'compared'")
        assert app.alone
        await pilot.press("dollar_sign")
        await sees(pilot, "is not known to this version")
        await pilot.press("2")
        await sees(pilot, "✓ done", "1 run")
