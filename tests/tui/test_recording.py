"""What the screens saw is kept, whatever happens to the writer, and read again as it was."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from array import array
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import FootplateError
from engine.workspace import Workspace
from tests.tui.helpers import done
from tests.tui.tapes import ENTRY, recording_of
from tui.services.artifacts import Preview
from tui.services.recording.clock import Clock
from tui.services.recording.codec import UnknownError, made, plain
from tui.services.recording.logtrack import FIRST, LogTrack
from tui.services.recording.patch import difference, patched
from tui.services.recording.reader import read
from tui.services.recording.shadow import Shadow
from tui.services.recording.tape import MARK, Tape

# --- values ---------------------------------------------------------------------------------------------------------

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


KEY = '{"t":1.5,"kind":"key","key":"j"}'


def test_half_a_line_at_the_end_is_nothing_to_tell(tmp_path: Path) -> None:
    found = read(recording_of(tmp_path, KEY, KEY[:10]))
    assert found.keys.items == ["j"] and found.troubles == [] and found.length_s == 1.5


@pytest.mark.parametrize("damage", [KEY[:10], "[]", '{"t":1}', '{"t":"x","kind":"key"}', '{"t":1,"kind":"runs"}x'])
def test_damage_in_the_middle_is_told_with_its_line(tmp_path: Path, damage: str) -> None:
    found = read(recording_of(tmp_path, KEY, damage, KEY))
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
    found = read(recording_of(tmp_path, *map(json.dumps, lines)))
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
    file = recording_of(tmp_path, *(json.dumps({"t": at, "kind": "log", "run": run.id, **said})
                                  for at, said in enumerate((piece, more, anew))))  # fmt: skip
    shadow = Shadow(tmp_path / "log", read(file).each[run.id].log)
    assert shadow.show(2) and shadow.path.read_bytes().endswith(b"line 59999\n\xff half")
    assert "are not in the recording" in shadow.path.read_bytes().decode("utf-8", "replace").splitlines()[0]
    assert shadow.show(3) and shadow.path.read_text() == "anew\n" and not shadow.show(3)
    assert shadow.show(1) and shadow.path.read_bytes().endswith(b"line 59999\n")
