"""A run folder: made, found, listed, read."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from engine import run as runs
from engine.board import Board
from engine.errors import RunError
from engine.events import Phase, Progress, to_line
from engine.files import read_json, write_json
from engine.locks import held, hold
from engine.run import Run, create, find, lineage, listing, request_stop
from engine.workspace import Workspace


def new(workspace: Workspace, **record: object) -> Run:
    """A run that nobody started."""
    parents = record.pop("parents", ())
    return create(workspace, "toy", "steps: 1\n", record=record, parents=parents)  # type: ignore[arg-type]


def told(run: Run, **status: object) -> Run:
    """A run with just this status."""
    write_json(run.status_file, status)
    return run


def test_everything_that_was_asked_is_on_disk_before_it_starts(workspace: Workspace) -> None:
    run = new(workspace, title="first", user="ana")
    assert run.spec_text() == "steps: 1\n"
    record = run.record()
    assert (record["format"], record["id"], record["title"], record["parents"]) == (1, run.id, "first", [])
    assert (run.status().state, run.status().title) == ("pending", "first")
    assert abs(run.created_at - time.time()) < 60
    assert run.job == "toy"


def test_runs_of_the_same_second_get_different_ids(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["0000", "0000", "0000", "0001"])
    monkeypatch.setattr(runs.time, "gmtime", lambda: time.struct_time((2026, 2, 3, 10, 15, 22, 1, 34, 0)))
    monkeypatch.setattr("secrets.token_hex", lambda _bytes: next(drawn))
    assert [new(workspace).id, new(workspace).id] == ["20260203-101522-toy-0000", "20260203-101522-toy-0001"]


def test_many_makers_at_once_share_no_folder(workspace: Workspace) -> None:
    made: list[str] = []
    makers = [threading.Thread(target=lambda: made.extend(new(workspace).id for _ in range(5))) for _ in range(4)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(set(made)) == 20
    assert sorted(made, reverse=True) == [run.id for run in listing(workspace)]


@pytest.mark.parametrize("name", ["../../x", "..", "/etc/passwd", "a/b", "", "a b", "*", "a\n", "\0", "ä"])
def test_a_name_that_tries_to_leave_its_folder_is_no_id(workspace: Workspace, name: str) -> None:
    new(workspace)
    with pytest.raises(RunError, match="is not a run's id") as raised:
        find(workspace, name)
    assert raised.value.exit_code == 2


def test_a_run_is_found_by_its_id_by_a_part_of_it_or_as_the_latest(workspace: Workspace) -> None:
    names = ["20260203-101522-toy-0000", "20260203-101523-toy-0abc"]
    for name in names:
        (workspace.runs / name).mkdir()
    assert find(workspace, names[0]).id == names[0]
    assert find(workspace, "0abc").id == find(workspace, "latest").id == names[1]
    with pytest.raises(RunError, match=f"'toy' fits 2 runs: {names[1]}, {names[0]}"):
        find(workspace, "toy")
    with pytest.raises(RunError, match="no run 'ffff'"):
        find(workspace, "ffff")


def test_the_latest_of_no_runs_is_a_clear_error(workspace: Workspace) -> None:
    shutil.rmtree(workspace.runs)
    assert listing(workspace) == []
    with pytest.raises(RunError, match="no run 'latest'"):
        find(workspace, "latest")


def test_the_listing_passes_over_what_is_no_run(workspace: Workspace) -> None:
    run = new(workspace)
    strangers = ("notes", "20261301-000000-toy-0000", "20260203-101522-toy-XYZW", "٢٠٢٦0203-101522-toy-0000")
    for name in strangers:
        (workspace.runs / name).mkdir()
    assert listing(workspace) == [run]


def test_a_day_that_no_calendar_has_does_not_break_a_listing(workspace: Workspace) -> None:
    assert Run(workspace.runs / "20260230-101522-toy-0000").created_at > 0


def test_a_folder_without_an_id_has_no_job(workspace: Workspace) -> None:
    with pytest.raises(RunError, match="is not a run's id"):
        _ = Run(workspace.runs / "notes").job


def test_a_lock_is_seen_as_held_until_its_holder_lets_go(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not held(lock)
    mine = hold(lock)
    assert mine is not None
    assert held(lock)
    assert hold(lock, 0.05) is None
    os.close(mine)
    assert not held(lock)


def test_readers_that_look_at_a_lock_do_not_keep_a_supervisor_from_it(tmp_path: Path) -> None:
    lock, enough = tmp_path / "lock", threading.Event()
    lock.touch()

    def look() -> None:
        while not enough.is_set():
            held(lock)

    readers = [threading.Thread(target=look) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(20):
            mine = hold(lock, 10.0)
            assert mine is not None
            os.close(mine)
    finally:
        enough.set()
        for reader in readers:
            reader.join()


def test_a_run_that_nobody_supervises_is_lost(workspace: Workspace) -> None:
    for state in ("pending", "running"):
        status = told(new(workspace), state=state, attempt=1).status()
        assert status.state == "lost"
        assert "gone without a word" in status.error
        assert status.hint.startswith("footplate resume")


def test_a_new_run_may_be_pending_for_a_while_before_it_counts_as_lost(workspace: Workspace) -> None:
    assert new(workspace).status().state == "pending"
    old = Run(workspace.runs / "20260203-101522-toy-0000")
    old.folder.mkdir()
    assert old.status().state == "lost"


def test_a_run_that_somebody_supervises_is_not_lost(workspace: Workspace) -> None:
    run = told(new(workspace), state="running", attempt=1)
    mine = hold(run.lock)
    assert run.status().state == "running"
    os.close(mine or -1)
    assert run.status().state == "lost"


def test_a_run_elsewhere_is_lost_without_a_heartbeat(workspace: Workspace) -> None:
    run = new(workspace)
    told(run, state="running", attempt=1, host="elsewhere", heartbeat_at=time.time() - 5)
    assert run.status().state == "running"
    told(run, state="running", attempt=1, host="elsewhere", heartbeat_at=time.time() - 500)
    assert run.status().state == "lost"


def test_a_run_that_ends_between_two_looks_is_not_lost(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = told(new(workspace), state="running", attempt=1)

    def look(_lock: Path) -> bool:
        told(run, state="done", attempt=1)  # its last word, just before the lock is free
        return False

    monkeypatch.setattr(runs, "held", look)
    assert run.status().state == "done"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff\xfe", b'{"state": 7, "attempt": "x"}', b"[" * 5000])
def test_damaged_files_never_keep_a_run_from_being_shown(workspace: Workspace, damage: bytes) -> None:
    run = new(workspace)
    for name in ("status.json", "run.json", "environment.json", "spec.yaml"):
        (run.folder / name).write_bytes(damage)
    assert run.status().state in ("pending", "lost")
    assert (run.parents(), lineage(workspace, run)) == ([], ([], []))
    assert isinstance(run.spec_text(), str)
    assert isinstance(run.environment(), dict)


def test_a_deleted_run_says_so(workspace: Workspace) -> None:
    run = new(workspace)
    shutil.rmtree(run.folder)
    with pytest.raises(RunError, match="the run's folder is gone"):
        run.status()


def test_lineage_goes_both_ways_and_into_the_archive(workspace: Workspace) -> None:
    parent = new(workspace)
    child = new(workspace, parents=[parent.id])
    other = new(workspace, parents=[parent.id])
    workspace.archive.mkdir()
    other.folder.rename(workspace.archive / other.id)
    parents, children = lineage(workspace, parent)
    assert parents == []
    assert sorted(children) == sorted([child.id, other.id])
    assert lineage(workspace, child) == ([parent.id], [])


def test_only_what_is_active_can_be_stopped(workspace: Workspace) -> None:
    run = told(new(workspace), state="failed", attempt=1)
    with pytest.raises(RunError, match="is failed, there is nothing to stop"):
        request_stop(run)
    assert not run.stop.exists()


def test_a_request_to_stop_tells_why(workspace: Workspace) -> None:
    run = new(workspace)
    request_stop(run, reason="preempted", now=True)
    asked = read_json(run.stop)
    assert (asked["reason"], asked["now"]) == ("preempted", True)


def test_a_full_disk_leaves_no_half_made_run(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(runs, "write_json", full)
    with pytest.raises(runs.WorkspaceError, match="No space left on device") as raised:
        new(workspace)
    assert raised.value.hint == "make room on that disk"
    assert listing(workspace) == []


def test_a_new_attempt_keeps_what_was_made_and_forgets_how_the_last_one_ended(workspace: Workspace) -> None:
    run = told(new(workspace), state="failed", attempt=1, error="x", exit_code=1, waiting_for="y", metrics={"a": 1.0})
    board = Board(run)
    board.begin()
    assert read_json(run.status_file)["attempt"] == 2
    assert (board.status.state, board.status.error, board.status.exit_code) == ("pending", "", None)
    assert (board.status.waiting_for, board.status.metrics) == ("", {"a": 1.0})


@pytest.mark.parametrize(
    ("code", "reason", "state", "exit_code", "signal_name"),
    [
        (0, "", "failed", 1, ""),  # it made nothing
        (1, "", "failed", 1, ""),
        (3, "asked", "stopped", 3, ""),
        (3, "preempted", "preempted", 3, ""),
        (-9, "", "failed", 137, "SIGKILL"),
        (-9, "asked", "stopped", 3, "SIGKILL"),
        (-40, "", "failed", 168, "signal 40"),
    ],
)
def test_how_a_process_ended_becomes_a_word(
    workspace: Workspace, code: int, reason: str, state: str, exit_code: int, signal_name: str
) -> None:
    run = new(workspace)
    Board(run).conclude(code, reason=reason)
    status = run.status()
    assert (status.state, status.exit_code, status.signal) == (state, exit_code, signal_name)
    assert bool(status.error) == (code != 3)


def test_a_clock_that_is_set_back_does_not_stop_the_heartbeat(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new(workspace)
    board = Board(run)
    board.begin()
    long_ago = time.time() - 86400
    monkeypatch.setattr("engine.board.time.time", lambda: long_ago)
    monkeypatch.setattr("engine.board.HEARTBEAT_S", 0.0)
    board.tick()
    assert run.status().heartbeat_at == long_ago


def test_the_speed_of_a_resumed_phase_counts_from_where_it_went_on(workspace: Workspace) -> None:
    run = told(new(workspace), state="stopped", attempt=1)
    board = Board(run)
    board.begin()
    said = (Phase("folds", at=100.0), Progress(40, 45, at=101.0), Progress(41, 45, at=103.0))
    run.events.write_bytes(b"".join(map(to_line, said)))
    board.tick()
    assert (board.status.done, board.status.done_before, board.status.phase_started_at) == (41, 40, 101.0)
