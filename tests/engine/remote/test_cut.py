"""What a run on a machine survives: its shepherd, its connection, its own processes there."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import pytest

from engine.errors import RunError
from engine.remote import following
from engine.run import UNFOLLOWED, Run, request_stop
from tests import lab, outside
from tests.engine.remote.conftest import Box, closed, shepherd
from tests.engine.remote.test_remote import assert_is_a_copy
from tests.lab import ended, made, toy, until, working

pytestmark = [outside.needs("sshd", "rsync"), pytest.mark.timeout(600)]
STEPS = 60
SLOW = (f"steps={STEPS}", "seconds_per_step=0.05")
STEPS_OF_A_SHEPHERD = {"connecting", "setting up", "sending", "starting the run", "connected", "fetching"}


def left_alone(run: Run) -> None:
    """Its shepherd is killed."""
    kill(shepherd(run))
    until(lambda: run.status().link == UNFOLLOWED, "its lock is free")


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    until(lambda: lab.gone(pid), f"{pid} is gone")


def assert_each_step_once(run: Run, steps: int = STEPS, but: int = 0) -> None:
    """Each step stands in the log once, but for so many: who is killed may have said a step and not yet kept it."""
    log = run.log.read_text()
    said = [log.count(f"step {step}.0: x =") for step in range(1, steps + 1)]
    assert sum(abs(count - 1) for count in said) <= but


def test_a_shepherd_killed_at_each_of_its_steps_is_followed_by_one_that_goes_on(box: Box) -> None:
    run = box.submit(*SLOW)
    killed: set[str] = set()
    while run.status().tended:
        step = run.status().link.partition(": ")[0]
        if step == UNFOLLOWED:
            following.start(box.workspace, run)
        elif step in STEPS_OF_A_SHEPHERD - killed:
            kill(shepherd(run))
            killed.add(step)
            assert run.status().state in ("pending", "running")
    assert killed >= {"connecting", "setting up", "starting the run", "connected"}
    assert run.status().state == "done"
    assert run.log.read_text().count("── attempt 1 ──") == 1
    assert_each_step_once(run)
    assert_is_a_copy(box, run)


@pytest.mark.slow
def test_a_dead_shepherd_loses_nothing_and_says_so(box: Box) -> None:
    run = box.submit(*SLOW)
    working(run)
    left_alone(run)
    status = run.status()
    assert (status.state, status.link) == ("running", UNFOLLOWED)
    assert status.link_hint == f"footplate follow {run.id} takes it up again; on lab-box nothing has changed"
    assert following.unfollowed(box.workspace) == [run]
    assert ended(box.there(run)).state == "done"
    assert run.status().state == "running"
    following.start(box.workspace, run)
    assert ended(run).state == "done"
    closed(run)
    assert following.unfollowed(box.workspace) == []
    assert_is_a_copy(box, run)


def test_of_two_shepherds_one_is_about_the_run(box: Box) -> None:
    run = box.submit(*SLOW)
    first = shepherd(run)
    following.start(box.workspace, run)
    assert shepherd(run) == first
    assert ended(run).state == "done"
    closed(run)
    assert_is_a_copy(box, run)


def test_a_connection_cut_five_times_costs_no_byte(box: Box) -> None:
    run = box.submit("steps=300", "seconds_per_step=0.03", "log_lines_per_step=3")
    working(run)
    for _ in range(5):
        said = run.log.stat().st_size
        until(lambda said=said: run.log.stat().st_size > said and run.status().link == "connected", "it goes on")
        until(box.sshd.cut, "a connection is cut")
    assert ended(run).state == "done"
    closed(run)
    assert_is_a_copy(box, run)
    assert_each_step_once(run, 300)


def test_a_machine_out_of_touch_is_told_with_since_when_and_the_run_goes_on(box: Box) -> None:
    run = box.submit("steps=400", "seconds_per_step=0.03")
    working(run)
    box.sshd.stop()
    status = until(lambda: run.status() if run.status().link.startswith("out of touch since") else None, "it is told")
    assert status.state == "running"
    assert status.link_hint
    box.sshd.start()
    assert ended(run).state == "done"
    closed(run)
    assert_is_a_copy(box, run)


def test_a_request_to_stop_reaches_the_machine_and_resume_goes_on_there(box: Box) -> None:
    from engine import launch

    run = box.submit(*SLOW)
    working(run)
    request_stop(run)
    assert ended(run).state == "stopped"
    closed(run)
    assert box.there(run).status().state == "stopped"
    launch.resume(box.workspace, run)
    assert ended(run).state == "done"
    closed(run)
    assert run.status().attempt == 2
    assert_each_step_once(run)
    assert_is_a_copy(box, run)
    local = toy(box.workspace, *SLOW)
    assert ended(local).state == "done"
    assert made(local) == made(run)


@pytest.mark.slow
def test_a_request_to_stop_starts_a_shepherd_where_none_lives(box: Box) -> None:
    run = box.submit(*lab.ENDLESS)
    working(run)
    left_alone(run)
    request_stop(run)
    assert ended(run).state == "stopped"
    closed(run)


def test_a_request_to_stop_arrives_after_the_connection_was_away(box: Box) -> None:
    run = box.submit(*lab.ENDLESS)
    working(run)
    box.sshd.stop()
    request_stop(run)
    until(lambda: "has not arrived yet" in (run.folder / "shepherd.log").read_text(), "it is tried")
    box.sshd.start()
    assert ended(run).state == "stopped"


def test_a_run_whose_processes_were_killed_there_has_failed_and_can_go_on(box: Box) -> None:
    from engine import launch

    run = box.submit(*SLOW)
    status = working(box.there(until(lambda: box.folder(run).exists() and run, "it is there")))
    for pid in (status.pid, status.job_pid):
        kill(pid or 0)
    found = ended(run)
    assert (found.state, found.error) == (
        "failed", "its process on lab-box is gone without a word (killed, or out of memory)",
    )  # fmt: skip
    closed(run)
    launch.resume(box.workspace, run)
    assert ended(run).state == "done"
    assert_each_step_once(run, but=1)


def test_a_run_that_is_active_on_its_machine_is_not_archived(box: Box) -> None:
    from engine import archive

    run = box.submit(*lab.ENDLESS)
    working(run)
    left_alone(run)
    with pytest.raises(RunError, match="is running"):
        archive.archive(box.workspace, run)
    request_stop(run)
    assert ended(run).state == "stopped"
