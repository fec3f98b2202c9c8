"""The whole loop with the real clients: a machine is rented, set up, worked on, cut off, taken back, and gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import yaml

from engine import launch
from engine.remote.there import workspace_folder
from engine.remote.wish import Wish
from engine.run import Run
from engine.workspace import Workspace
from tests import lab, outside
from tests.engine.remote.conftest import Box, closed
from tests.lab import ROOT, ended, made, toy, until, working
from vmops import loopback

pytestmark = outside.needs("sshd", "rsync")
KIND, NAME = "t4-spot", "gpu-1"


@pytest.fixture
def rented(workspace: Workspace, tmp_path: Path) -> Iterator[tuple[Workspace, loopback.Cloud]]:
    """A workspace whose machines are those of a cloud on this computer."""
    with loopback.cloud(tmp_path / "cloud") as cloud:
        (workspace.configs / "machines.yaml").write_text(settings(cloud))
        yield workspace, cloud
        end_shepherds(workspace)


def settings(cloud: loopback.Cloud) -> str:
    """configs/machines.yaml for this cloud."""
    known = cloud.settings()
    kinds = {
        name: {
            "machine_type": kind.machine_type, "gpu": kind.gpu, "gpus": kind.gpus, "spot": kind.spot,
            "disk_gb": kind.disk_gb, "image": {"project": kind.image_project, "family": kind.image_family},
            "max_hours": kind.max_hours, "python": sys.executable,
        }
        for name, kind in known.kinds.items()
    }  # fmt: skip
    ssh = {"user": known.ssh.user, "key": known.ssh.key, "port": known.ssh.port, "options": ["-F", "none"]}
    whole = {
        "project": known.project,
        "endpoint": known.endpoint,
        "zones": list(known.zones),
        "ssh": ssh,
        "kinds": kinds,
    }
    return str(yaml.safe_dump(whole))


def end_shepherds(workspace: Workspace) -> None:
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "engine.remote" in words and str(workspace.root) in words[-1]:
            process.kill()


def vm(workspace: Workspace, *words: str) -> lab.Answer:
    return lab.shell("-w", str(workspace.root), "vm", *words)


def machines(cloud: loopback.Cloud) -> list[str]:
    return [body["name"] for body in cloud.records.all("instances")]


def inserted(cloud: loopback.Cloud) -> list[str]:
    """The zones in which a machine was asked for; asking again with the same request id is no other request."""
    asked = {}
    for call in cloud.calls:
        if call.method == "POST" and "zones/" in call.path and call.path.endswith("/instances"):
            asked[str(call.query["requestId"])] = call.path.split("zones/")[1].removesuffix("/instances")
    return list(asked.values())


def cut(cloud: loopback.Cloud) -> int:
    """Kill the processes of sshd that serve a connection each."""
    killed = 0
    for pid in cloud.pids(NAME):
        try:
            process = psutil.Process(pid)
            if process.name().startswith("sshd") and "[listener]" not in " ".join(process.cmdline()):
                process.kill()
                killed += 1
        except psutil.Error:
            continue
    return killed


def test_created_though_killed_in_between_cut_five_times_preempted_resumed_fetched_stopped(
    rented: tuple[Workspace, loopback.Cloud],
) -> None:
    workspace, cloud = rented
    first, second = cloud.settings().zones[:2]
    cloud.faults.stock_out(first)
    cloud.faults.slow("/operations/", 1.0)
    words = [sys.executable, "-m", "engine", "-w", str(workspace.root), "vm", "create", KIND, NAME]
    asking = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    until(lambda: len(inserted(cloud)) == 2, "the second zone is asked")
    os.killpg(asking.pid, signal.SIGKILL)
    asking.wait()
    cloud.faults.clear()
    again = vm(workspace, "create", KIND, NAME, "--json")
    assert again.code == 0, again.err
    assert json.loads(again.out)["state"] == "running"
    assert (machines(cloud), inserted(cloud)) == ([NAME], [first, second])

    slow = ("steps=400", "seconds_per_step=0.03")
    wish = Wish(NAME, then="stop", keep_alive=True, uncommitted=True)
    run = launch.submit(workspace, "toy", "", "a test", slow, wish)
    working(run)
    for _ in range(5):
        said = run.log.stat().st_size
        until(lambda said=said: run.log.stat().st_size > said and run.status().link == "connected", "it goes on")
        until(lambda: cut(cloud), "a connection is cut")
    there = Run(cloud.home(NAME) / workspace_folder(workspace) / "runs" / run.id)
    until(lambda: run.status().done > 100, "it is in the middle")
    cloud.preempt(NAME, notice_s=5)
    assert ended(run).state == "done"
    closed(run)

    status = run.status()
    assert (status.attempt, status.error) == (2, "")
    assert cloud.machine(NAME)["status"] == "TERMINATED"
    assert (machines(cloud), inserted(cloud)) == ([NAME], [first, second])
    for name in ("log.txt", "events.jsonl"):
        assert (run.folder / name).read_bytes() == (there.folder / name).read_bytes()
    assert [run.log.read_text().count(f"step {step}.0: x =") for step in range(1, 401)] == [1] * 400
    local = toy(workspace, *slow)
    assert ended(local).state == "done"
    assert made(local) == made(run) == made(there)
    costs = json.loads(vm(workspace, "costs", "--json").out)
    assert costs


__all__ = ["Box"]
