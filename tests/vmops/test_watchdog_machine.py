"""The watchdog on machines of the loopback cloud: put there by set-up, and what the cloud and the ledger see of it."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import outside
from tests.lab import until
from tests.vmops.gce import Lab, lab
from vmops import audit, hosts, ledger, lives, loopback, setup, ssh, watchdog
from vmops.errors import Unavailable
from vmops.provider import Machine
from vmops.sshhost import interactive
from vmops.watched import of_text

pytestmark = outside.needs("sshd", "ssh")
GLOB = "~/footplate/workspaces/*/runs/*"


@pytest.fixture
def here(cloud: loopback.Cloud, tmp_path: Path) -> Lab:
    return lab(cloud, tmp_path / "machines")


def rented(here: Lab, kind: str, **settings: Any) -> ssh.Host:
    """A machine with a watchdog, from which we have logged out again."""
    host = entered(here, kind, **settings)
    ssh.disconnect(host)
    return host


def entered(here: Lab, kind: str, **settings: Any) -> ssh.Host:
    """A machine with a watchdog, and we are logged in: the connection of set-up stays for a while."""
    machine: Machine = here.gce.create(kind, "m-1", here.say)
    host = hosts.rented(here.settings, here.folder, machine)
    python = here.settings.kinds[kind].python
    watch = {"stop_glob": GLOB, "every_s": 0.1, "warn_minutes": 0, **settings}
    until(lambda: answers(host), "its sshd answers")
    setup.prepare(host, code=None, python=python, watchdog=watch, say=here.say)
    return host


def answers(host: ssh.Host) -> bool:
    try:
        return ssh.run(host, ["true"]).code == 0
    except Unavailable:
        return False


def running(home: Path) -> int:
    """Somebody works on the machine, until what is returned is closed."""
    folder = home / "footplate" / "workspaces" / "study-1" / "runs" / "20260203-101522-toy-0000"
    folder.mkdir(parents=True)
    file = os.open(folder / "lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def test_an_idle_machine_stops_itself_and_the_ledger_sees_when(here: Lab) -> None:
    rented(here, "cpu", idle_minutes=0.02, grace_minutes=0)
    until(lambda: here.cloud.machine("m-1")["status"] == "TERMINATED", "it stops itself")
    [seen] = here.gce.machines()
    assert (seen.state, seen.preempted) == ("stopped", False)
    line = audit.read(here.folder, machine="m-1").lines[-1]
    assert (line.act, line.facts["what"]) == ("observed", "stopped")
    [life] = lives.lives(audit.read(here.folder).lines)["m-1"]
    assert life.sessions[-1].end == seen.stopped_at
    costs = ledger.cost(here.folder, [seen], here.gce._cloud.prices)
    disk = here.gce._cloud.prices.disk_month(seen.disk_type, seen.disk_gb, seen.zone)
    assert costs.simulated and costs.machines[0].hourly == disk / 730, "its disk still costs"


def test_a_login_keeps_the_machine_and_the_connection_of_set_up_does_not(here: Lab) -> None:
    host = rented(here, "cpu", idle_minutes=0.02, grace_minutes=0.1)
    words = [*interactive(host), "-N", "--", host.address]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL) as person:
        told = here.cloud.home("m-1") / "footplate" / "watchdog" / "state.json"

        def watched() -> dict[str, Any] | None:
            state = watchdog.read(told)
            return state if state and state["at"] - state["first_seen"] > 8 else None

        try:
            state = until(watched, "it has watched for longer than that")
            assert state["busy"] == ["1 ssh login"] and here.cloud.machine("m-1")["status"] == "RUNNING"
            ssh.run(host, ["true"])  # which leaves the connection that our commands share
        finally:
            person.kill()
    until(lambda: here.cloud.machine("m-1")["status"] == "TERMINATED", "it stops itself")


def test_what_the_watchdog_sees_can_be_asked_of_the_cloud(here: Lab) -> None:
    rented(here, "cpu", idle_minutes=60)
    lock = running(here.cloud.home("m-1"))
    run = ("run 20260203-101522-toy-0000",)  # and nobody else: the login of set-up has gone by then
    told = until(
        lambda: (seen := of_text(here.gce.watchdog("m-1"))) and seen.busy == run and seen, "it tells who is there"
    )
    assert not told.problems
    os.close(lock)
    told = until(lambda: (seen := of_text(here.gce.watchdog("m-1"))) and not seen.busy and seen, "and that he has gone")
    assert told.stops_at is not None and told.stops_at > told.at


def test_a_notice_reaches_a_run_on_the_machine(here: Lab) -> None:
    rented(here, "cpu-spot", idle_minutes=None)
    home = here.cloud.home("m-1")
    lock = running(home)
    here.cloud.preempt("m-1", notice_s=30)
    [stop] = until(lambda: list(home.glob("footplate/workspaces/*/runs/*/stop")), "it is asked")
    assert json.loads(stop.read_text())["reason"] == "preempted"
    os.close(lock)
    told = home / "footplate" / "watchdog" / "state.json"
    state = until(lambda: (state := watchdog.read(told)).get("preempted_at") and state, "the state says so")
    assert not state["problems"]
