"""The log: nothing acknowledged is lost, nothing doubles, nothing is changed, the newest that stands wins."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.annotations.database import VERSION, explained
from engine.annotations.decision import BLANK, CANT_TELL, Decision, Unit, from_line, to_line
from engine.annotations.disk import network
from engine.annotations.log import Log
from engine.errors import DataError, WorkspaceError

ROOT = Path(__file__).resolve().parents[3]
UNIT = Unit("v1", 30)


def code(value: str, at: float = 100.0, coder: str = "ana", unit: Unit = UNIT, **more: object) -> Decision:
    return Decision(coder, unit, "perspective", value, at, **more)  # type: ignore[arg-type]


def values(found: list[Decision]) -> list[str]:
    return [one.value for one in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "annotations.sqlite"


# --- the newest that stands ----------------------------------------------------------------------------------------


def test_the_newest_wins_and_history_stays(path: Path) -> None:
    with Log.open(path) as log:
        log.add([code("a", 1.5)])
        log.add([code(BLANK, 2.5)])
        log.add([code(CANT_TELL, 3.5)])
        assert values(log.newest()) == [CANT_TELL]
        assert values(list(log.history())) == ["a", BLANK, CANT_TELL]


def test_a_clock_that_was_set_back_lets_no_old_label_win(path: Path) -> None:
    with Log.open(path) as log:
        log.add([code("a", 1000.0)])
        log.add([code("b", 10.0)])
        assert values(log.newest()) == ["b"]
        assert values(log.undo("ana", 5.0)) == ["b"]
        assert values(log.newest()) == ["a"]


def test_a_log_as_of_a_moment_is_what_it_was_then(path: Path) -> None:
    with Log.open(path) as log:
        log.add([code("a", 10.0)])
        log.add([code("b", 20.0)])
        log.undo("ana", 30.0)
        log.add([code("c", 40.0)])
        assert [values(log.newest(as_of=moment)) for moment in (5, 10, 20, 29, 30, 40)] == [
            [], ["a"], ["b"], ["b"], ["a"], ["c"],
        ]  # fmt: skip
        assert len(list(log.history(as_of=20))) == 2


def test_repeats_and_adjudications_do_not_pass_for_codes(path: Path) -> None:
    with Log.open(path) as log:
        log.add([code("a")])
        log.add([code("b", kind="repeat")])
        log.add([code("c", kind="adjudication", reason="the hand is the viewer's")])
        assert values(log.newest(coder="ana", unit=UNIT)) == ["a"]
        assert values(log.newest(kinds=["repeat"])) == ["b"]
        assert log.newest(kinds=["adjudication"])[0].reason == "the hand is the viewer's"


# --- undo ----------------------------------------------------------------------------------------------------------


def test_undo_takes_back_one_key_press_of_one_coder_to_any_depth_and_across_restarts(path: Path) -> None:
    with Log.open(path) as log:
        for number in range(20):
            log.add([code(f"a{number}"), Decision("ana", UNIT, "distance", f"d{number}", 100.0)])
        log.add([code("b", coder="ben")])
    for number in reversed(range(20)):
        with Log.open(path) as log:
            assert sorted(values(log.undo("ana", 1e6))) == [f"a{number}", f"d{number}"]
    with Log.open(path) as log:
        assert log.undo("ana", 1e6) == []
        assert values(log.newest()) == ["b"]
        assert len(list(log.history())) == 61


actions = st.lists(st.one_of(st.just("undo"), st.sampled_from("abc")), max_size=30)


@settings(deadline=None, max_examples=60)
@given(actions)
def test_labels_and_undos_in_any_order_leave_what_a_stack_would(acts: list[str]) -> None:
    stack: list[str] = []
    with tempfile.TemporaryDirectory() as folder, Log.open(Path(folder) / "annotations.sqlite") as log:
        for act in acts:
            if act == "undo":
                assert values(log.undo("ana", 1.0)) == stack[-1:]
                stack = stack[:-1]
            else:
                log.add([code(act)])
                stack.append(act)
        assert values(log.newest()) == stack[-1:]


# --- what two logs hold --------------------------------------------------------------------------------------------


def test_logs_that_merged_in_any_order_agree(tmp_path: Path) -> None:
    with Log.open(tmp_path / "one") as one, Log.open(tmp_path / "two") as two:
        one.add([code("a", 10.0)])
        two.add([code("b", 10.0)])
        two.add([code("c", 20.0)])
        two.undo("ana", 30.0)
        mine, yours = list(one.history()), list(two.history())
        assert (one.merge(yours), two.merge(mine), one.merge(yours)) == (3, 1, 0)
        assert one.newest() == two.newest()
        assert len(one.newest()) == 1


def test_what_is_added_twice_is_there_once(path: Path) -> None:
    with Log.open(path) as log:
        twice = [code("a", key="k1", act="x")]
        log.add(twice)
        log.add(twice)
        assert log.version() == 1


texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)


@given(texts, texts, st.booleans(), st.floats(0, 1e12), st.none() | st.integers(0, 10**6))
def test_a_decision_survives_being_a_line(
    value: str, note: str, flagged: bool, at: float, position: int | None
) -> None:
    one = code(value, at, note=note, flagged=flagged, key="k", act="x", position=position)
    assert from_line(to_line(one)) == one
    assert "\n" not in to_line(one)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "not a line of JSON"),
        ("[1]", "expected an object"),
        ('{"coder": "ana", "at": 1}', "video_id is ''"),
        ('{"coder": "ana", "at": "x", "video_id": "v"}', "at is 'x'"),
        ('{"coder": "ana", "at": NaN, "video_id": "v"}', "at is nan"),
        ('{"coder": "", "at": 1, "video_id": "v"}', "coder is ''"),
        ('{"coder": 5, "at": 1, "video_id": "v"}', "coder is 5"),
        ('{"coder": "a", "at": 1, "video_id": "v", "frame_index": -1, "variable": "p"}', "frame_index is -1"),
        ('{"coder": "a", "at": 1, "video_id": "v", "frame_index": 1, "variable": "p"}', "no key"),
        ('{"coder": "a", "at": 1, "kind": "undo"}', "names no act"),
    ],
)
def test_a_line_that_is_no_decision_says_why(line: str, fault: str) -> None:
    with pytest.raises(DataError, match=fault.replace("(", r"\(")):
        from_line(line)


def test_all_of_an_act_is_saved_or_nothing(path: Path) -> None:
    with Log.open(path) as log:
        with pytest.raises(DataError, match="UTF-8"):
            log.add([code("a"), code("\ud800")])
        assert log.version() == 0


# --- the file ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["UPDATE decisions SET value = 'b'", "DELETE FROM decisions"])
def test_the_file_itself_refuses_to_change_or_drop_a_decision(path: Path, statement: str) -> None:
    with Log.open(path) as log:
        log.add([code("a")])
    with sqlite3.connect(path) as database, pytest.raises(sqlite3.IntegrityError, match="decisions are never"):
        database.execute(statement)


def test_a_log_is_written_through_to_the_disk(path: Path) -> None:
    with Log.open(path) as log:
        asked = [log._database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert asked == ["wal", 2]


def test_a_log_of_a_newer_footplate_is_left_alone(path: Path) -> None:
    Log.open(path).close()
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    for readonly in (False, True):
        with pytest.raises(DataError, match="newer footplate"):
            Log.open(path, readonly=readonly)


def test_a_damaged_file_says_so_and_what_to_do(path: Path) -> None:
    path.write_bytes(b"annotator,video_id\n" * 100)
    with pytest.raises(DataError, match="damaged") as caught:
        Log.open(path)
    assert "recover" in caught.value.hint


def test_a_page_that_was_overwritten_says_so_when_it_is_read(path: Path) -> None:
    with Log.open(path) as log:
        log.merge([code("a" * 50, unit=Unit("v", n), key=str(n), act=str(n)) for n in range(2000)])
    data = bytearray(path.read_bytes())
    data[8192:-4096] = os.urandom(len(data) - 12288)
    path.write_bytes(data)
    with pytest.raises(DataError, match="damaged"), Log.open(path) as log:
        list(log.history())


def test_another_database_is_not_written_into(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE thesis (chapter)")
    with pytest.raises(DataError, match="no log of decisions"):
        Log.open(path)


def test_a_missing_log_reads_as_an_empty_one_and_is_not_made(path: Path) -> None:
    with Log.open(path, readonly=True) as log:
        assert (log.newest(), log.version(), list(log.history())) == ([], 0, [])
    assert not path.exists()


def test_a_reader_cannot_write(path: Path) -> None:
    Log.open(path).close()
    with Log.open(path, readonly=True) as log, pytest.raises(WorkspaceError, match="cannot be written"):
        log.add([code("a")])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_can_be_read(path: Path) -> None:
    with Log.open(path) as log:
        log.add([code("a")])
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with Log.open(path, readonly=True) as log:
            assert values(log.newest()) == ["a"]
        with pytest.raises(WorkspaceError, match="cannot be written"), Log.open(path) as log:
            log.add([code("b")])
    finally:
        path.parent.chmod(0o700)


def test_a_folder_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no such folder"):
        Log.open(path / "deeper" / "annotations.sqlite")


def test_a_full_disk_keeps_what_was_saved(path: Path) -> None:
    with Log.open(path) as log:
        log.add([code("a")])
        pages = log._database.execute("PRAGMA page_count").fetchone()[0]
        log._database.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(WorkspaceError, match="no space left"):
            log.add([code("b", note="x" * 100_000)])
        log._database.execute("PRAGMA max_page_count = 1000000")
        assert values(log.newest()) == ["a"]
        log.add([code("c")])
        assert values(log.newest()) == ["c"]


ERRORS = {
    "SQLITE_BUSY": (DataError, "another process is writing"),
    "SQLITE_NOTADB": (DataError, "damaged"),
    "SQLITE_READONLY_DIRECTORY": (WorkspaceError, "cannot be written"),
    "SQLITE_CANTOPEN": (WorkspaceError, "cannot be written"),
    "SQLITE_IOERR_LOCK": (WorkspaceError, "does not do what a database needs"),
    "SQLITE_PROTOCOL": (WorkspaceError, "does not do what a database needs"),
    "SQLITE_TOOBIG": (DataError, "string or blob too big"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_of_the_database_names_the_file_and_what_to_do(path: Path, name: str) -> None:
    error = sqlite3.OperationalError("string or blob too big")
    error.sqlite_errorname = name
    kind, words = ERRORS[name]
    with pytest.raises(kind, match=words) as caught, explained(path):
        raise error
    assert str(path) in caught.value.message
    assert caught.value.hint


MOUNTED = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
31 22 0:44 / /mnt/lab\040share rw - nfs4 server:/lab rw
32 31 0:45 / /mnt/lab\040share/scratch rw - xfs /dev/sdb rw
33 22 0:46 / /mnt/bucket rw - fuse.gcsfuse bucket rw
"""


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        ("/home/ana", ""),
        ("/mnt/lab share/x", "nfs4"),
        ("/mnt/lab share/scratch/x", ""),
        ("/mnt/bucket", "fuse.gcsfuse"),
    ],
)
def test_a_network_is_told_from_a_disk(tmp_path: Path, where: str, kind: str) -> None:
    (tmp_path / "mountinfo").write_text(MOUNTED)
    assert network(Path(where), tmp_path / "mountinfo") == kind
    assert network(Path(where), tmp_path / "none") == ""


def test_a_log_on_a_network_does_without_shared_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.annotations.database.network", lambda _: "nfs4")
    with Log.open(path) as log, Log.open(path) as other:
        log.add([code("a")])
        other.add([code("b")])
        assert values(log.newest()) == ["b"]
        assert log._database.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_the_version_tells_of_what_others_append(path: Path) -> None:
    with Log.open(path) as mine, Log.open(path) as yours, Log.open(path, readonly=True) as reader:
        before = reader.version()
        yours.add([code("a")])
        assert mine.version() == reader.version() > before
        middle = reader.version()
        mine.undo("ana", 200.0)
        assert reader.version() > middle


# --- several at once -----------------------------------------------------------------------------------------------


def labelling(path: Path, coder: str, says: Path, seconds: float) -> subprocess.Popen[bytes]:
    words = [str(path), coder, str(says), str(seconds)]
    return subprocess.Popen([sys.executable, "-m", "tests.engine.annotations.labelling", *words], cwd=ROOT)


def three_at_once(folder: Path, seconds: float) -> int:
    """Two coders who label, and one who is killed at random moments and starts again; how many acts were told."""
    path, says = folder / "annotations.sqlite", folder / "says"
    chance = random.Random(seconds)
    steady = [labelling(path, coder, says, seconds) for coder in ("ana", "ben")]
    end, kills = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        unlucky = labelling(path, "cem", says, 3600)
        time.sleep(chance.uniform(0.15, 0.9))  # the moment of a kill is meant to be any
        unlucky.send_signal(signal.SIGKILL)
        unlucky.wait()
        kills += 1
    assert [one.wait(60) for one in steady] == [0, 0]
    with Log.open(path) as log:
        whole = list(log.history())
        assert log._database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    told = says.read_text().split()
    saved = Counter(one.act for one in whole if one.kind == "code")
    assert len({one.key for one in whole}) == len(whole)
    assert set(saved.values()) == {2}  # an act has both variables, once
    assert set(told) <= saved.keys()
    assert len(told) == len(set(told))
    assert len(saved) - len(told) <= kills  # what was saved when the kill came before the word of it
    return len(told)


def test_of_three_who_label_at_once_and_one_killed_again_and_again_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    assert three_at_once(tmp_path, 4) > 50


@pytest.mark.slow
def test_a_minute_of_three_who_label_at_once(tmp_path: Path) -> None:
    assert three_at_once(tmp_path, 60) > 1000
