"""A machine as real processes: a folder that is its disk, an sshd of its own, and its end."""

from __future__ import annotations

import getpass
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from vmops.loopback import guestfiles, processes

UP_S = 30.0
ROOT = Path(__file__).resolve().parent.parent.parent
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from vmops.loopback.guest import main; sys.exit(main(sys.argv[2]))"
)


def sshd() -> str:
    """Where OpenSSH's server is; empty where there is none."""
    return (
        shutil.which("sshd", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])) or ""
    )


class Computer:
    """What is behind an instance: `folder` holds what this boot needs, `disk` what stays."""

    def __init__(self, folder: Path, disk: Path, machine: str) -> None:
        self.folder, self.disk, self.id = folder, disk, machine
        self.home = disk / "home"
        self._started: subprocess.Popen[bytes] | None = None

    def boot(self, address: str, port: int, *, metadata: str, environment: Mapping[str, str], owner: int | None,
             scripts: Mapping[str, str], grace_s: float) -> None:  # fmt: skip
        """Start it; returns at once, and its sshd answers a little later, as with every machine."""
        self.end()
        for folder in (self.home, self.folder / "bin", self.folder / "tmp"):
            folder.mkdir(parents=True, exist_ok=True)
        booted = {"FOOTPLATE_BOOT_ID": str(uuid.uuid4()), "FOOTPLATE_SSH": f"{address}:{port}"}
        inside = self._environment(metadata, {**booted, **environment})
        guestfiles.host_key(self.disk)
        guestfiles.commands(self.folder / "bin", self.folder / "first")
        guestfiles.wrapper(self.folder / "login", inside, self.home)
        guestfiles.boot(self.folder / "boot")
        self.scripts(scripts)
        config = guestfiles.sshd_config(self.folder, self.disk, address, port)
        command = [sshd(), "-f", str(config)] if sshd() else None
        told = {"id": self.id, "home": str(self.home), "environment": inside, "sshd": command, "grace_s": grace_s,
                "owner": {"pid": owner, "born": processes.born(owner)} if owner else None}  # fmt: skip
        (self.folder / "machine.json").write_text(json.dumps(told))
        self._start(inside)

    def _start(self, environment: Mapping[str, str]) -> None:
        """Start its first process, and wait until that hears the power button."""
        up = self.folder / "up"
        up.unlink(missing_ok=True)
        command = [sys.executable, "-I", "-c", _BOOT, str(ROOT), str(self.folder)]
        with (self.folder / "console.log").open("ab") as log:
            self._started = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.home,
                                             env=dict(environment), start_new_session=True)  # fmt: skip
        (self.folder / "first").write_text(f"{self._started.pid} {processes.born(self._started.pid)}\n")
        until = time.monotonic() + UP_S
        while not up.exists() and self._started.poll() is None and time.monotonic() < until:
            time.sleep(0.01)

    def _environment(self, metadata: str, more: Mapping[str, str]) -> dict[str, str]:
        user = pwd.getpwuid(os.getuid())
        return {
            "PATH": f"{self.folder / 'bin'}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.home), "USER": user.pw_name, "LOGNAME": user.pw_name, "SHELL": user.pw_shell or "/bin/sh",
            "LANG": os.environ.get("LANG", "C.UTF-8"), "TMPDIR": str(self.folder / "tmp"),
            "GCE_METADATA_HOST": metadata, processes.MARKER: self.id, **more,
        }  # fmt: skip

    def scripts(self, scripts: Mapping[str, str]) -> None:
        """Write what the metadata asks to be run at boot and at the end."""
        for name in ("startup-script", "shutdown-script"):
            path = self.folder / name
            path.unlink(missing_ok=True)
            if scripts.get(name):
                path.write_text(scripts[name])

    def authorize(self, entries: Iterable[str]) -> None:
        """Let these `user:key` log in, as far as they are for the one account that there is."""
        keys = [
            key.strip() for user, _, key in (entry.partition(":") for entry in entries) if user == getpass.getuser()
        ]
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "authorized_keys"
        path.write_text("".join(f"{key}\n" for key in keys))
        path.chmod(0o600)

    def host_key(self) -> str:
        """The public host key: type and key."""
        return guestfiles.host_key(self.disk)

    def first(self) -> int:
        """The number of its first process; 0 where it is off."""
        with suppress(OSError, ValueError):
            pid, born = (self.folder / "first").read_text().split()
            if self._started is not None and self._started.pid == int(pid):
                self._started.poll()  # a child of ours would stay a zombie
            return int(pid) if processes.born(int(pid)) == born else 0
        return 0

    def press_power(self) -> None:
        """Ask it to shut down; it runs its shutdown script first."""
        if first := self.first():
            with suppress(ProcessLookupError):
                os.kill(first, signal.SIGTERM)

    def wait_off(self, seconds: float) -> bool:
        """Whether it is off within so many seconds."""
        until = time.monotonic() + seconds
        while self.first() and time.monotonic() < until:
            time.sleep(0.02)
        return not self.first()

    def pids(self) -> set[int]:
        """Its processes."""
        return processes.of_machine(self.id, self.first())

    def say(self, words: str) -> None:
        """Write on its serial port."""
        with (self.folder / "console.log").open("a") as log:
            log.write(f"{words}\n")

    def end(self) -> None:
        """Cut the power: every process of it is killed."""
        processes.end(self.id, self.first())
        (self.folder / "first").unlink(missing_ok=True)

    def console(self) -> str:
        """What it has said on its serial port."""
        with suppress(FileNotFoundError):
            return (self.folder / "console.log").read_text(errors="replace")
        return ""
