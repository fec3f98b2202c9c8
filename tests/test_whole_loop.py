"""The whole loop with the real clients: a machine is rented, set up, cut off, taken back, gone on with, stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import demo, launch
from engine.run import Run
from engine.workspace import Workspace
from tests import outside, rented
from tests.engine.remote.conftest import closed
from tests.lab import ROOT, ended, made, toy, until, working
from tests.rented import KIND, NAME, Rented

pytestmark = [outside.needs("sshd", "rsync"), pytest.mark.timeout(600)]
STEPS = 400
SLOW = (f"steps={STEPS}", "seconds_per_step=0.03")


@pytest.fixture
def cloud(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rented]:
    with rented.rented(workspace, tmp_path / "cloud", monkeypatch) as made_:
        yield made_


def create_though_killed_in_between(cloud: Rented) -> None:
    """Asked for in a zone that has none left and in the next one, by a command that is killed while it waits."""
    zones = cloud.cloud.settings().zones[:2]
    cloud.cloud.faults.stock_out(zones[0])
    cloud.cloud.faults.slow("/operations/", 1.0)
    words = [sys.executable, "-m", "engine", "-w", str(cloud.workspace.root), "vm", "create", KIND, NAME]
    asking = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    until(lambda: len(cloud.inserted()) == 2, "the second zone is asked")
    os.killpg(asking.pid, signal.SIGKILL)
    asking.wait()
    cloud.cloud.faults.clear()
    again = cloud.vm("create", KIND, NAME, "--json")
    assert again.code == 0, again.err
    assert json.loads(again.out)["state"] == "running"
    assert cloud.inserted() == list(zones)
    assert cloud.machines() == {NAME: "RUNNING"}


def cut(cloud: Rented, run: Run, times: int) -> None:
    for _ in range(times):
        said = run.log.stat().st_size
        until(lambda said=said: run.log.stat().st_size > said and run.status().link == "connected", "it goes on")
        until(cloud.cut, "a connection is cut")


def until_long(condition: Callable[[], object], what: str) -> None:
    """Like until, for what takes minutes."""
    end = time.monotonic() + 1500
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.2)


def assert_all_of_it_is_here(cloud: Rented, run: Run) -> None:
    there = cloud.there(run)
    for name in ("log.txt", "events.jsonl", "environment.json"):
        assert (run.folder / name).read_bytes() == (there.folder / name).read_bytes(), name
    assert made(run) == made(there)


def assert_the_ledger_is_right(cloud: Rented) -> None:
    """It knows one machine, that it has stopped, that it was taken back once, and that its disk still costs."""
    acts = [line["act"] for line in json.loads(cloud.vm("audit", "--json").out) if line.get("machine") == NAME]
    assert acts.count("created") == 1
    assert acts.count("stopped") == 1
    costs = json.loads(cloud.vm("costs", "--json").out)
    (one,) = costs["machines"]
    assert (one["name"], one["state"]) == (NAME, "stopped")
    assert float(one["so_far"]) > 0
    assert float(one["hourly"]) > 0


@pytest.mark.parametrize("cuts", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_created_though_killed_in_between_cut_preempted_resumed_fetched_stopped(cloud: Rented, cuts: int) -> None:
    local = toy(cloud.workspace, *SLOW)
    create_though_killed_in_between(cloud)
    run = cloud.submit(*SLOW, then="stop", keep_alive=True)
    working(run)
    cut(cloud, run, cuts)
    until(lambda: run.status().done > 100, "it is in the middle")
    cloud.cloud.preempt(NAME, notice_s=5)
    assert ended(run).state == "done"
    closed(run)
    assert (run.status().attempt, run.status().error) == (2, "")
    assert cloud.machines() == {NAME: "TERMINATED"}
    assert len(cloud.inserted()) == 2
    assert_all_of_it_is_here(cloud, run)
    assert [run.log.read_text().count(f"step {step}.0: x =") for step in range(1, STEPS + 1)] == [1] * STEPS
    assert ended(local).state == "done"
    assert made(local) == made(run)
    assert_the_ledger_is_right(cloud)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_fine_tuning_of_the_demo_comes_back_as_it_is_made_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real footage and torch: cut off, taken back in the middle, gone on with; the same weights as those made here."""
    workspace = demo.prepare(tmp_path / "lab", lambda *_: None)
    text = (workspace.configs / "finetune.yaml").read_text()
    with rented.rented(workspace, tmp_path / "cloud", monkeypatch) as cloud:
        create_though_killed_in_between(cloud)
        run = cloud.submit(job="finetune", text=text, then="stop", keep_alive=True)
        until_long(lambda: run.status().phase == "leave one out" and run.status().done > 3, "folds are done")
        cut(cloud, run, 5)
        cloud.cloud.preempt(NAME, notice_s=30)
        until_long(lambda: not run.status().tended, "it is closed")
        assert (run.status().state, run.status().attempt) == ("done", 2)
        assert cloud.machines() == {NAME: "TERMINATED"}
        assert_all_of_it_is_here(cloud, run)
        local = launch.submit(workspace, "finetune", text, "a test")
        until_long(lambda: not local.status().active, "it ends here")
        assert made(local) == made(run)
        assert_the_ledger_is_right(cloud)
