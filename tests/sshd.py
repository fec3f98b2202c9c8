"""A real sshd of a test's own on loopback, with a folder as HOME."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests import outside
from vmops import hostkeys, ssh

_SHELL = """#!/bin/sh
# What a login finds here: a HOME of its own, and the folders of programs.
export HOME={home} PATH={path}
cd "$HOME" || exit 1
if [ -n "$SSH_ORIGINAL_COMMAND" ]; then exec sh -c "$SSH_ORIGINAL_COMMAND"; fi
exec sh -i
"""
_CONFIG = """ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
ForceCommand {folder}/shell
SetEnv HOME={folder}/home
PidFile {folder}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
MaxSessions 50
MaxStartups 100
"""


@dataclass
class Sshd:
    """One of them; `home` is what a login sees as its HOME."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    path: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def host(self) -> ssh.Host:
        """How it is reached; its key is not known yet."""
        return ssh.Host(
            "gpu-1", "127.0.0.1", port=self.port, key=str(self.folder / "key"), options=("-F", "none"),
            known_hosts=self.folder / "known_hosts", control=self.folder / "c",
        )  # fmt: skip

    def trusted(self) -> ssh.Host:
        """How it is reached, with its key taken as a provider takes it: from the machine itself."""
        hostkeys.trust(self.host, (self.folder / "host_key.pub").read_text())
        return self.host

    def start_with_small_disk(self, place: Path) -> bool:
        """Start, with a disk of one MiB at a place that only this sshd sees; False where nobody may mount one."""
        mounted = 'mount -t tmpfs -o size=1m none "$1" && shift && exec "$@"'
        inside = ["unshare", "-m", "sh", "-c", mounted, "-", str(place)]
        if (
            shutil.which("unshare")
            and subprocess.run([*inside, "true"], capture_output=True, check=False).returncode == 0
        ):
            self.start(*inside)
            return True
        return False

    def start(self, *inside: str) -> None:
        """Listen, from now on."""
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            [*inside, outside.program("sshd"), "-D", "-e", "-f", str(self.folder / "config")],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        end = time.monotonic() + 60
        while not self.listens():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end, "sshd does not listen"
            time.sleep(0.02)

    def listens(self) -> bool:
        """Whether somebody answers on the port."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def stop(self) -> None:
        """Be gone with all connections, as a machine whose power is cut."""
        children = self.connections()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        _kill(children)

    def connections(self) -> list[psutil.Process]:
        """The processes of sshd that serve one connection each."""
        if self.process is None:
            return []
        with suppress(psutil.Error):
            return [child for child in psutil.Process(self.process.pid).children(recursive=True) if _is_sshd(child)]
        return []

    def cut(self) -> int:
        """Kill the processes of all connections; how many there were."""
        return _kill(self.connections())

    def new_key(self) -> None:
        """Become another machine."""
        for name in ("host_key", "host_key.pub"):
            (self.folder / name).unlink(missing_ok=True)
        _keygen(self.folder / "host_key")

    def without(self, *names: str) -> None:
        """Let a login find no program of these names."""
        there = self.folder / "bin"
        there.mkdir()
        for place in reversed(os.environ["PATH"].split(os.pathsep)):
            for program in Path(place).iterdir() if Path(place).is_dir() else ():
                if program.name not in names and os.access(program, os.X_OK):
                    (there / program.name).unlink(missing_ok=True)
                    (there / program.name).symlink_to(program)
        self.path = [str(there)]
        self.write()

    def logins(self) -> int:
        """How often somebody was let in."""
        return (self.folder / "log").read_text(errors="replace").count("Accepted publickey")

    def write(self, **config: str) -> None:
        """Its files, but for keys; with settings of sshd that come first, and so count."""
        path = os.pathsep.join(self.path) or os.environ["PATH"]
        shell = self.folder / "shell"
        passed = {
            name: value
            for name, value in os.environ.items()
            if name.startswith(("SSL_", "PIP_", "UV_", "XDG_CACHE", "FOOTPLATE_"))
        }
        words = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in passed.items())
        text = _SHELL.format(home=shlex.quote(str(self.home)), path=shlex.quote(path))
        shell.write_text(text.replace("cd ", words + "cd ", 1))
        shell.chmod(0o755)
        first = "".join(f"{name} {value}\n" for name, value in config.items())
        (self.folder / "config").write_text(first + _CONFIG.format(folder=self.folder, port=self.port))


@contextmanager
def running() -> Iterator[Sshd]:
    """An sshd; all that is left of it afterwards is killed."""
    # In a folder with a short name: sockets of ssh lie in it.
    with tempfile.TemporaryDirectory(prefix="sshd-", ignore_cleanup_errors=True) as folder:
        made = Sshd(Path(folder), _free_port())
        made.home.mkdir()
        for name in ("host_key", "key"):
            _keygen(made.folder / name)
        shutil.copy(made.folder / "key.pub", made.folder / "authorized_keys")
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        made.write()
        made.start()
        try:
            yield made
        finally:
            ssh.disconnect(made.host)
            made.stop()


def _keygen(path: Path) -> None:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "of a test", "-f", str(path)]
    subprocess.run(words, check=True, timeout=60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_sshd(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.name().startswith("sshd")
    return False


def _kill(processes: list[psutil.Process]) -> int:
    killed = 0
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
            killed += 1
    return killed
