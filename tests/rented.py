"""Machines of a cloud on this computer, for tests of runs on them: settings, runs there, cut connections."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import yaml

from engine import launch, machines
from engine.remote.there import workspace_folder
from engine.remote.wish import Wish
from engine.run import Run
from engine.workspace import Workspace
from tests import lab
from vmops import loopback
from vmops.desk import Desk

KIND, NAME = "t4-spot", "gpu-1"
PATIENCE_S = 300.0  # Google's client alone takes seconds to load in each process that uses it


@dataclass
class Rented:
    """A workspace, and the cloud from which its machines are rented."""

    workspace: Workspace
    cloud: loopback.Cloud
    desk: Desk  # one process that speaks with the cloud for the whole test

    def vm(self, *words: str) -> lab.Answer:
        """`footplate vm …` in a process of its own."""
        return lab.shell("-w", str(self.workspace.root), "vm", *words, patience_s=PATIENCE_S)

    def create(self, name: str = NAME) -> None:
        """A machine that runs."""
        assert self.desk.create(KIND, name).state == "running"

    def submit(self, *overrides: str, job: str = "toy", text: str = "", name: str = NAME, **wishes: object) -> Run:
        """A run that is for one of these machines."""
        wish = Wish(name, **{"uncommitted": True, **wishes})  # type: ignore[arg-type]
        return launch.submit(self.workspace, job, text, "a test", overrides, wish)

    def there(self, run: Run, name: str = NAME) -> Run:
        """The run as it is on the machine's disk."""
        return Run(self.cloud.home(name) / workspace_folder(self.workspace) / "runs" / run.id)

    def machines(self) -> dict[str, str]:
        """The state of each machine, as the cloud has it."""
        return {body["name"]: body["status"] for body in self.cloud.records.all("instances")}

    def inserted(self) -> list[str]:
        """The zones in which a machine was asked for; the same request id again is no other request."""
        asked = {}
        for call in self.cloud.calls:
            if call.method == "POST" and "zones/" in call.path and call.path.endswith("/instances"):
                asked[str(call.query["requestId"])] = call.path.split("zones/")[1].removesuffix("/instances")
        return list(asked.values())

    def cut(self, name: str = NAME) -> int:
        """Kill the processes of sshd that serve a connection each; how many there were."""
        killed = 0
        for pid in self.cloud.pids(name):
            try:
                process = psutil.Process(pid)
                if process.name().startswith("sshd") and "[listener]" not in " ".join(process.cmdline()):
                    process.kill()
                    killed += 1
            except psutil.Error:
                continue
        return killed


@contextmanager
def rented(workspace: Workspace, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Rented]:
    """A cloud, and a workspace that rents from it; nothing of either goes on afterwards."""
    patch.setattr(lab, "PATIENCE_S", PATIENCE_S)
    with loopback.cloud(folder) as cloud:
        (workspace.configs / "machines.yaml").write_text(settings(cloud))
        with machines.desk(workspace) as desk:
            try:
                yield Rented(workspace, cloud, desk)
            finally:
                _end_shepherds(workspace)


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
    place = {"project": known.project, "endpoint": known.endpoint, "zones": list(known.zones)}
    return str(yaml.safe_dump({**place, "ssh": ssh, "kinds": kinds}))


def _end_shepherds(workspace: Workspace) -> None:
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "engine.remote" in words and str(workspace.root) in words[-1]:
            process.kill()
