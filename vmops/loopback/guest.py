"""The first process of a machine: starts its sshd and its scripts, adopts what is left alone, and ends all of it.

It outlives the cloud's process, as a machine outlives whoever asked for it; with an owner it ends when the owner has.
SIGTERM is the power button: the shutdown script, then SIGTERM for everybody, then the end. SIGUSR1 is the same, from
inside (`shutdown`, `poweroff`).
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from vmops.loopback import processes

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)
SCRIPT_S = 90.0  # so long Compute lets a guest go on with its shutdown script


class Guest:
    """A machine as it is told in its folder: machine.json, and scripts beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: dict[str, Any] = json.loads((folder / "machine.json").read_bytes())
        self.off = False
        self._sshd = 0
        self._sshd_at = 0.0

    def live(self) -> None:
        """From boot to power off."""
        ears = _ears(self)
        (self.folder / "up").touch()
        self._run("startup-script")
        self._run("boot")
        while not self.off and self._has_owner():
            self._reap()
            self._serve()
            select.select([ears], [], [], 0.25)
            with suppress(BlockingIOError):
                os.read(ears, 4096)
        if self.off:
            self._shut_down()
        processes.end(self.told["id"], os.getpid(), besides={os.getpid()})

    def press(self, number: int, frame: FrameType | None) -> None:
        """The power button."""
        self.off = self.off or number != signal.SIGCHLD

    def _shut_down(self) -> None:
        self._say("powering off")
        script = self._run("shutdown-script")
        until = time.monotonic() + SCRIPT_S
        while script and processes.born(script) and time.monotonic() < until:
            self._reap()
            time.sleep(0.02)
        processes.end(self.told["id"], os.getpid(), grace_s=self.told["grace_s"], besides={os.getpid()})

    def _serve(self) -> None:
        """Keep an sshd there, as systemd would."""
        sshd = self.told.get("sshd")
        if not sshd or (self._sshd and processes.born(self._sshd)) or time.monotonic() < self._sshd_at:
            return
        self._sshd_at = time.monotonic() + 1.0
        self._sshd = self._start([*sshd, "-D", "-e"])

    def _run(self, script: str) -> int:
        path = self.folder / script
        return self._start(["/bin/sh", str(path)]) if path.exists() else 0

    def _start(self, command: list[str]) -> int:
        with (self.folder / "console.log").open("ab") as log:
            started = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.told["home"],
                env=self.told["environment"],
                start_new_session=True,
            )
        started.returncode = 0  # the loop reaps it by its number: the object has nothing to wait for
        return started.pid

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def _has_owner(self) -> bool:
        owner = self.told.get("owner")
        return not owner or processes.born(owner["pid"]) == owner["born"]

    def _say(self, words: str) -> None:
        with (self.folder / "console.log").open("a") as log:
            log.write(f"{words}\n")


def _ears(guest: Guest) -> int:
    """A pipe that tells of signals, so that waiting ends with them."""
    ears, mouth = os.pipe()
    for end in (ears, mouth):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD):
        signal.signal(number, guest.press)
    return ears


def _unmoved(number: int, frame: FrameType | None) -> None:
    """What is meant for others."""


def main(folder: str) -> int:
    """Be the first process of the machine in this folder."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # what the cloud holds back for itself, it has handed on to us
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _unmoved)  # ignored outright they would be so for all that is started here
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    Guest(Path(folder)).live()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
