"""Runs on rented machines: taken back, stopped, deleted, not to be had; and what becomes of the machine afterwards."""

from __future__ import annotations

import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import launch
from engine.errors import AskError
from engine.remote import following
from engine.run import UNFOLLOWED
from engine.workspace import Workspace
from tests import outside, rented
from tests.engine.remote.conftest import closed, shepherd
from tests.lab import ENDLESS, QUICK, ended, until, working
from tests.rented import KIND, NAME, Rented

pytestmark = [outside.needs("sshd", "rsync"), pytest.mark.timeout(600)]
SLOW = ("steps=200", "seconds_per_step=0.03")


@pytest.fixture
def cloud(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rented]:
    with rented.rented(workspace, tmp_path / "cloud", monkeypatch) as made:
        yield made


def test_without_a_machine_of_that_name_the_run_fails_and_says_how_to_make_it(cloud: Rented) -> None:
    status = ended(cloud.submit(*QUICK))
    assert status.state == "failed"
    assert f"footplate vm create KIND {NAME}" in status.hint
    assert cloud.machines() == {}


def test_a_machine_of_the_kind_that_was_named_is_made_for_a_run_once(cloud: Rented) -> None:
    with pytest.raises(AskError, match="--kind 'gpus'"):
        cloud.submit(*QUICK, kind="gpus")
    run = cloud.submit(*QUICK, kind=KIND, then="delete")
    while run.status().tended:
        if run.status().link.startswith("starting the machine: asking for") and len(cloud.inserted()) == 1:
            os.kill(shepherd(run), signal.SIGKILL)
            until(lambda: run.status().link == UNFOLLOWED, "its lock is free")
            following.start(cloud.workspace, run)
            break
    closed(run)
    assert run.status().state == "done", run.status().error
    assert (cloud.machines(), len(cloud.inserted())) == ({}, 1)
    assert run.record()["machine"]["kind"] == KIND


def test_a_stopped_machine_is_started_and_deleted_afterwards_as_was_wished(cloud: Rented) -> None:
    cloud.create()
    assert cloud.desk.stop(NAME).state == "stopped"
    run = cloud.submit(*QUICK, then="delete")
    killed = 0
    while run.status().tended:  # a shepherd killed while it starts, stops or deletes leaves no second machine
        words = run.status().link.partition(":")[0]
        if words == UNFOLLOWED:
            following.start(cloud.workspace, run)
        elif words in ("starting the machine", "deleting the machine") and killed < 2:
            pid = shepherd(run)
            os.kill(pid, signal.SIGKILL)
            until(lambda: run.status().link == UNFOLLOWED, "its lock is free")
            killed += 1
    assert killed
    assert run.status().state == "done"
    assert cloud.machines() == {}
    assert len(cloud.inserted()) == 1
    assert (run.artifacts / "result.json").exists()


@pytest.mark.slow
def test_a_machine_that_was_preempted_ends_the_run_which_goes_on_when_resumed(cloud: Rented) -> None:
    cloud.create()
    run = cloud.submit(*SLOW)
    working(run)
    cloud.cloud.preempt(NAME, notice_s=5)
    status = ended(run)
    assert status.state == "preempted"
    assert f"footplate resume {run.id}" in status.hint
    assert (run.folder / "work" / "path.json").exists()
    closed(run)
    until(lambda: cloud.machines() == {NAME: "TERMINATED"}, "it is taken back")
    launch.resume(cloud.workspace, run)
    assert ended(run).state == "done"
    assert [run.log.read_text().count(f"step {step}.0: x =") for step in range(1, 201)] == [1] * 200


@pytest.mark.slow
def test_a_machine_that_somebody_stopped_is_not_started_again_by_itself(cloud: Rented) -> None:
    cloud.create()
    run = cloud.submit(*ENDLESS, keep_alive=True)
    working(run)
    assert cloud.desk.stop(NAME).state == "stopped"
    status = ended(run)
    assert status.state in ("preempted", "stopped")
    closed(run)
    assert cloud.machines() == {NAME: "TERMINATED"}


@pytest.mark.slow
def test_of_a_machine_that_was_deleted_the_run_tells_how_to_go_on_elsewhere(cloud: Rented) -> None:
    cloud.create()
    run = cloud.submit(*ENDLESS)
    working(run)
    cloud.desk.delete(NAME)
    status = ended(run)
    assert status.state in ("preempted", "stopped")
    assert "footplate resume" in status.hint
    closed(run)


@pytest.mark.slow
def test_where_the_zone_has_none_left_the_run_fails_in_words(cloud: Rented) -> None:
    cloud.create()
    assert cloud.desk.stop(NAME).state == "stopped"
    cloud.cloud.faults.stock_out(cloud.cloud.settings().zones[0])
    run = cloud.submit(*QUICK)
    status = ended(run)
    assert status.state == "failed"
    assert f"footplate resume {run.id}" in status.hint


@pytest.mark.slow
def test_a_run_that_is_kept_alive_goes_on_in_another_zone_from_its_checkpoint(cloud: Rented) -> None:
    run = cloud.submit(*SLOW, kind=KIND, keep_alive=True, then="delete")
    working(run)
    cloud.cloud.faults.stock_out(cloud.cloud.settings().zones[0])
    cloud.cloud.preempt(NAME, notice_s=5)
    assert ended(run).state == "done"
    closed(run)
    status = run.status()
    assert (status.attempt, status.machine) == (2, "gpu-2")
    assert any(flag.startswith(f"left_behind: {NAME} is stopped") for flag in status.flags)
    assert cloud.machines() == {NAME: "TERMINATED"}
    assert [run.log.read_text().count(f"step {step}.0: x =") for step in range(1, 201)] == [1] * 200


def stop_from_outside(cloud: Rented) -> None:
    """As in the console, or by the machine itself: nobody here has asked for it."""
    body = cloud.cloud.machine(NAME)
    place = f"projects/{cloud.cloud.settings().project}/zones/{body['zone'].rpartition('/')[2]}/instances/{NAME}"
    url = f"{cloud.cloud.endpoint}/compute/v1/{place}/stop"
    with urllib.request.urlopen(urllib.request.Request(url, method="POST", data=b"")) as answer:
        assert answer.status == 200
    until(lambda: cloud.machines() == {NAME: "TERMINATED"}, "it is stopped")


@pytest.mark.slow
def test_what_was_done_while_nobody_followed_is_fetched_though_its_machine_is_stopped(cloud: Rented) -> None:
    cloud.create()
    run = cloud.submit("steps=150", "seconds_per_step=0.03", keep_alive=True)
    working(run)
    os.kill(shepherd(run), signal.SIGKILL)
    until(lambda: run.status().link == UNFOLLOWED, "its lock is free")
    until(lambda: cloud.there(run).status().state == "done", "it is done there")
    stop_from_outside(cloud)
    following.start(cloud.workspace, run)
    status = ended(run)
    closed(run)
    assert (status.state, cloud.machines()) == ("stopped", {NAME: "TERMINATED"})
    assert "how the run ended there is not known" in status.error
    launch.resume(cloud.workspace, run)
    status = ended(run)
    closed(run)
    assert (status.state, status.attempt) == ("done", 1)
    assert (run.artifacts / "result.json").read_bytes() == (cloud.there(run).artifacts / "result.json").read_bytes()
