"""A watchdog as a process on a machine that is a folder."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.metadata import Metadata, metadata
from tests.lab import until
from vmops import watchdog

PROGRAM = Path(watchdog.__file__)

SOON = 0.02  # minutes
Dog = Callable[..., "Watched"]


class Watched:
    """A watchdog that runs on a machine which is a folder."""

    def __init__(self, folder: Path, path: str, settings: dict[str, Any]) -> None:
        self.folder, self.path = folder, path
        self.settings = folder / "watchdog.json"
        self.settings.write_text(json.dumps({**self.defaults(), **settings}))
        self.process = self.start()

    def defaults(self) -> dict[str, Any]:
        stop = [sys.executable, "-c", f"open({str(self.folder / 'stopped')!r}, 'a').write('x')"]
        return {
            "folder": str(self.folder / "dog"), "stop_glob": str(self.folder / "work" / "*"), "metadata": "",
            "idle_minutes": None, "every_s": 0.05, "ssh_port": 1, "stop": stop, "boot_id": "boot-1", "warn_minutes": 0,
        }  # fmt: skip

    def start(self) -> subprocess.Popen[bytes]:
        environment = {"PATH": self.path}
        return subprocess.Popen([sys.executable, str(PROGRAM), "run", str(self.settings)], env=environment)

    def again(self) -> None:
        """Killed, and started once more."""
        self.process.kill()
        self.process.wait()
        self.process = self.start()
        until(lambda: self.state().get("pid") == self.process.pid, "the new one watches")

    def change(self, **settings: Any) -> None:
        self.settings.write_text(json.dumps({**json.loads(self.settings.read_text()), **settings}))

    def state(self) -> dict[str, Any]:
        return watchdog.read(self.folder / "dog" / "state.json")

    def log(self) -> str:
        path = self.folder / "dog" / "log.txt"
        return path.read_text() if path.exists() else ""

    @property
    def stopped(self) -> bool:
        return (self.folder / "stopped").exists()

    def watched_for(self, seconds: float) -> bool:
        """Whether it has looked around for so long."""
        state = self.state()
        return bool(state) and state["at"] - state["first_seen"] > seconds


@pytest.fixture
def dog(tmp_path: Path) -> Iterator[Dog]:
    """Starts a watchdog; none outlives the test. No nvidia-smi is on its path unless the test puts one there."""
    programs = tmp_path / "bin"
    programs.mkdir()
    with ExitStack() as started:

        def start(**settings: Any) -> Watched:
            one = Watched(tmp_path, str(programs), settings)
            started.callback(lambda: (one.process.kill(), one.process.wait()))
            return one

        yield start


@pytest.fixture
def notices() -> Iterator[Metadata]:
    with metadata() as server:
        yield server


def active(folder: Path, name: str) -> int:
    """Somebody works in a folder, until what is returned is closed."""
    (folder / "work" / name).mkdir(parents=True)
    file = os.open(folder / "work" / name / "lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def program(folder: Path, name: str, words: str) -> None:
    """A program of the machine that says what the test wants."""
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)


def smi(folder: Path, words: str) -> None:
    program(folder, "nvidia-smi", words)
