"""The connection that all commands to a machine share: ssh's ControlMaster, made when it is needed.

It is a process of its own that ends by itself, a minute after the last command, and seconds after its peer died.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import socket
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vmops import sshwords
from vmops.errors import Refused, Unreachable
from vmops.sshhost import CONNECT_S, Host, environment, unattended

REMAINS_S = 60  # so long the shared connection stays when nobody uses it
LONGEST_PATH = 88  # of a socket: the kernel takes 107 bytes, and ssh makes it beside, under a name that is 17 longer
PATIENCE_S = 3 * CONNECT_S  # with a proxy, and a login that asks somebody else


def connected(host: Host) -> Path:
    """The socket of the shared connection, which is made where there is none, or none that lives."""
    path = socket_path(host)
    if not _answers(path):
        with _alone(path):
            if not _answers(path):  # else another process has made it meanwhile
                path.unlink(missing_ok=True)
                _make(host, path)
    return path


def ended(host: Host) -> None:
    """End the shared connection, if there is one; it must not need the machine's consent."""
    path = socket_path(host)
    if _answers(path):
        with suppress(subprocess.TimeoutExpired, OSError):
            words = ["ssh", "-S", str(path), "-O", "exit", "--", host.address]
            subprocess.run(words, capture_output=True, timeout=5, check=False, env=environment())
    path.unlink(missing_ok=True)


def socket_path(host: Host) -> Path:
    """Where the socket of a machine is: a short name for all that tells one connection from another."""
    words = (host.name, host.address, host.user, str(host.port), host.key, *host.options, str(host.known_hosts))
    path = folder(host) / hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise Refused(
            f"{path}: too long for a socket ({LONGEST_PATH} bytes at most)", hint="name a shorter control folder"
        )
    return path


def folder(host: Host) -> Path:
    """The private folder of sockets: who can write there can speak for us on every machine."""
    place = host.control or Path(tempfile.gettempdir()) / f"footplate-{os.getuid()}"
    if host.control is None and len(os.fsencode(place)) > LONGEST_PATH - 17:
        place = Path("/tmp") / f"footplate-{os.getuid()}"
    with suppress(FileExistsError):
        place.mkdir(mode=0o700, parents=True)
    facts = place.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
        raise Refused(f"{place}: not a folder of this user", hint="remove it, or see who made it")
    if stat.S_IMODE(facts.st_mode) & 0o077:
        place.chmod(0o700)
    return place


def _answers(path: Path) -> bool:
    """Whether a living process listens there; the socket of a killed one refuses."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two that make the connection at once would leave one behind that nobody finds."""
    end = time.monotonic() + PATIENCE_S
    with path.with_suffix(".lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise Unreachable(
                        f"{path}: somebody has been connecting for {PATIENCE_S} s", hint="try again"
                    ) from None
                time.sleep(0.02)
        yield


def _make(host: Host, path: Path) -> None:
    persist = ["-o", "ControlMaster=yes", "-o", f"ControlPersist={REMAINS_S}", "-S", str(path)]
    words = [*unattended(host), *persist, "-N", "-f", "--", host.address]
    with tempfile.TemporaryFile() as complaints:  # a pipe would be held open by the process that stays
        code = _ran(host, words, complaints.fileno())
        complaints.seek(0)
        said = complaints.read().decode("utf-8", "replace")
    if code or not _answers(path):
        raise sshwords.trouble(host.name, said)


def _ran(host: Host, words: list[str], complaints: int) -> int:
    """ssh's exit code once it is logged in and has gone to the background, or has failed."""
    nothing = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            words, stdin=nothing, stdout=nothing, stderr=complaints, env=environment(), start_new_session=True
        )
    except FileNotFoundError:
        raise sshwords.missing_here(words[0]) from None
    try:
        return process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise Unreachable(
            f"{host.name}: it answers, but the login does not come to an end", hint="see to its disk and load"
        ) from None
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with its ProxyCommand
            process.wait()
