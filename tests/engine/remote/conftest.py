"""A machine of a test's own: a real sshd on loopback, with a HOME of its own, named in the workspace as `lab-box`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from engine import launch
from engine.remote.there import workspace_folder
from engine.remote.wish import Wish
from engine.run import Run
from engine.workspace import Workspace
from tests import lab, sshd

NAME = "lab-box"
MACHINES = """
provider: gce
zones: [us-central1-a]
ssh: {{options: ["-F", "none", "-o", "UserKnownHostsFile={known}"]}}
hosts: {{lab-box: {{address: 127.0.0.1, port: {port}, key: {key}, python: {python}}}}}
"""


@dataclass
class Box:
    """The machine, and the workspace that knows it."""

    sshd: sshd.Sshd
    workspace: Workspace

    def submit(self, *overrides: str, job: str = "toy", **wishes: object) -> Run:
        """A run that is for this machine."""
        wish = Wish(NAME, **{"uncommitted": True, **wishes})  # type: ignore[arg-type]
        return launch.submit(self.workspace, job, "", "a test", overrides, wish)

    def folder(self, run: Run) -> Path:
        """Where the run is on the machine."""
        return self.sshd.home / workspace_folder(self.workspace) / "runs" / run.id

    def there(self, run: Run) -> Run:
        """The run as it is on the machine."""
        return Run(self.folder(run))


@pytest.fixture
def box(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """A machine that is up and whose key is known; nothing of it is left when the test is over."""
    monkeypatch.setattr(lab, "PATIENCE_S", 300.0)  # each run sends all its code to a new machine
    with sshd.running() as server:
        known = server.folder / "known"
        key = (server.folder / "host_key.pub").read_text().split()
        known.write_text(f"[127.0.0.1]:{server.port} {key[0]} {key[1]}\n")
        (workspace.configs / "machines.yaml").write_text(
            MACHINES.format(known=known, port=server.port, key=server.folder / "key", python=sys.executable)
        )
        made = Box(server, workspace)
        yield made
        end(made)


def end(box: Box) -> None:
    """End every process that has to do with the workspace or the machine."""
    for process in psutil.process_iter(["pid", "cmdline", "cwd"]):
        with suppress(psutil.Error, TypeError):
            words = " ".join(process.info["cmdline"] or ())
            ours = str(box.sshd.folder) in f"{words} {process.info['cwd']}" or str(box.workspace.root) in words
            if ours and process.pid != os.getpid() and "sshd" not in words.split()[0]:
                os.kill(process.pid, signal.SIGKILL)


def shepherd(run: Run) -> int:
    """The process of its shepherd."""

    def found() -> int | None:
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if "engine.remote" in words and str(run.folder) in words:
                return process.pid
        return None

    return lab.until(found, f"{run.id} has a shepherd") or 0


def closed(run: Run) -> None:
    """Wait until nothing is left to do."""
    lab.until(lambda: not run.status().tended, f"{run.id} is closed: {run.status().link}")
