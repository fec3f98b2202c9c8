"""Run a command on a machine through the operator's own OpenSSH, over one connection that all commands share.

Everything that OpenSSH knows stays his: config, agent, ProxyCommand, IAP, OS Login. No call waits for ever.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from vmops import sshmaster, sshwords
from vmops.errors import OutsideError, Unreachable
from vmops.sshhost import Host as Host
from vmops.sshhost import environment, interactive, unattended

# The watchdog hears whose connection it is. 255 is how ssh says that *it* failed, so no command may end with it.
# `timeout` ends what nobody waits for any more.
_OURS = (
    'ours="$HOME/footplate/watchdog/ours"; if [ -d "$ours" ] && [ -n "$SSH_CONNECTION" ]; '
    'then (set -- $SSH_CONNECTION; : > "$ours/$1 $2") 2>/dev/null; fi; '
)
_WRAPPED = (
    _OURS
    + 'seconds=$1; shift; if command -v timeout >/dev/null 2>&1; then timeout -k 5 "$seconds" "$@"; else "$@"; fi; '
    'code=$?; [ "$code" -eq 255 ] && code=254; exit "$code"'
)


@dataclass(frozen=True)
class Completed:
    """A command that ended: its exit code, what it wrote, what it complained of."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8", "replace")


def run(
    host: Host, argv: Sequence[str], *, data: bytes = b"", timeout_s: float = 60.0, check: bool = True
) -> Completed:
    """Run a command there to its end; `data` is its standard input.

    Raises:
        Unreachable, Cut, HostKeyUnknown, HostKeyChanged, LoginRefused: there was no way to it, or it ended.
        Missing, DiskFull, Failed: with `check`, the command did not end with 0.
    """
    done = _spoken(host, wrapped(argv, timeout_s), data, timeout_s)
    if done.code == 255:
        raise sshwords.trouble(host.name, done.err, connected=True)
    if check and done.code:
        raise sshwords.failure(host.name, argv, done.code, done.err or done.text)
    return done


def shell(host: Host) -> list[str]:
    """The command that opens a shell there for a person."""
    return [*interactive(host), "-t", "--", host.address]


def command(host: Host, argv: Sequence[str]) -> list[str]:
    """The local words that run a command there through the shared connection, which is made where there is none."""
    return [*through(host), "--", host.address, shlex.join(argv)]


def through(host: Host) -> list[str]:
    """The ssh of the shared connection, which is made where there is none; address and a shell's line follow."""
    return [*unattended(host), "-o", "ControlMaster=no", "-S", str(sshmaster.connected(host))]


def why(host: Host, code: int, said: bytes | str) -> OutsideError:
    """The error of an ssh that ended with a code: 255 is ssh's own, everything else is the command's."""
    words = said if isinstance(said, str) else said.decode("utf-8", "replace")
    if code == 255 or code < 0:
        return sshwords.trouble(host.name, words, connected=True)
    return sshwords.failure(host.name, ["the command"], code, words)


def disconnect(host: Host) -> None:
    """End the shared connection, if there is one."""
    sshmaster.ended(host)


def wrapped(argv: Sequence[str], timeout_s: float) -> str:
    """A command as one safe line for the machine's shell."""
    return shlex.join(["sh", "-c", _WRAPPED, "sh", str(int(timeout_s) + 10), *argv])


def _spoken(host: Host, line: str, data: bytes, timeout_s: float) -> Completed:
    process = opened([*through(host), "--", host.address, line])
    try:
        out, err = process.communicate(data, timeout_s)
    except subprocess.TimeoutExpired:
        raise Unreachable(
            f"{host.name}: no answer within {timeout_s:.0f} s", hint="it may be busy or hang: try again, or restart it"
        ) from None
    finally:
        ended(process)
    return Completed(process.returncode, out, err.decode("utf-8", "replace"))


def opened(
    argv: Sequence[str], complaints: IO[bytes] | None = None, data: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """A process of ssh or rsync with pipes to its ends; Missing where the program is not installed here."""
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            argv,
            stdin=data or pipe,
            stdout=pipe,
            stderr=complaints or pipe,
            env=environment(),
            start_new_session=True,
        )
    except FileNotFoundError:
        raise sshwords.missing_here(argv[0]) from None


def ended(process: subprocess.Popen[bytes]) -> None:
    """See to it that a process is gone and its pipes are closed."""
    if process.poll() is None:
        process.kill()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    process.wait()
