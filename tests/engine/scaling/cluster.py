"""A real Ray cluster of two machines on this one: each a raylet with an address of its own on loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests import lab

# Ray takes 127.0.0.1 for a machine that has not been told its address, and looks for another one.
HEAD, OTHER = "127.0.0.2", "127.0.0.3"
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DISABLE_DOCKER_CPU_WARNING": "1",
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_failure_threshold": "4",
}
MEMORY = str(80 << 20)


class Cluster:
    """Two machines; `kill` takes one of them away as a power cut would."""

    def __init__(self, folder: Path, cpus: int, hidden: Path | None) -> None:
        self._folder, self._cpus = folder, cpus
        self.port = _free()
        self.address = f"{HEAD}:{self.port}"
        self.machines: dict[str, subprocess.Popen[bytes]] = {}
        self._start(HEAD, "--head", f"--port={self.port}", "--include-dashboard=false", f"--temp-dir={folder}")
        lab.until(self._answers, "the head of the cluster answers")
        self._start(OTHER, f"--address={self.address}", hidden=hidden)

    def _start(self, address: str, *words: str, hidden: Path | None = None) -> None:
        command = [str(Path(sys.executable).with_name("ray")), "start", f"--node-ip-address={address}", *words]
        command += [f"--num-cpus={self._cpus}", "--num-gpus=0", f"--object-store-memory={MEMORY}", "--block"]
        command += ["--disable-usage-stats"] if "--head" in words else []
        if hidden:  # a disk of its own lies over that folder
            command = ["unshare", "-m", "sh", "-c", f'mount -t tmpfs none "{hidden}" && exec "$@"', "sh", *command]
        with (self._folder / f"{address}.log").open("wb") as log:
            self.machines[address] = subprocess.Popen(
                command, env={**os.environ, **QUIET}, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip

    def kill(self, address: str) -> None:
        """Kill all processes of a machine."""
        process = self.machines.pop(address)
        family = _family(process.pid)
        for one in family:
            with contextlib.suppress(psutil.Error):
                one.kill()
        process.wait()
        psutil.wait_procs(family, timeout=10)

    def _answers(self) -> bool:
        assert self.machines[HEAD].poll() is None, (self._folder / f"{HEAD}.log").read_text()
        with contextlib.suppress(OSError), socket.create_connection((HEAD, self.port), timeout=1):
            return True
        return False


def _family(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    return []


def _free() -> int:
    with socket.socket() as one:
        one.bind((HEAD, 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def running(cpus: int = 1, hidden: Path | None = None) -> Iterator[Cluster]:
    """A cluster, and nothing left of it afterwards; `hidden` is what its second machine does not see."""
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder:  # Ray's sockets want a short path
        made = Cluster(Path(folder), cpus, hidden)
        try:
            yield made
        finally:
            for address in list(made.machines):
                made.kill(address)


def can_hide() -> bool:
    """Whether we may give a process other mounts."""
    asked = ["unshare", "-m", "true"]
    return bool(shutil.which(asked[0])) and not subprocess.run(asked, check=False, capture_output=True).returncode
