"""A command on a machine that outlives the connection: started at most once, looked at, ended."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vmops import programs, ssh
from vmops.errors import Conflict, Failed, Refused
from vmops.sync import far

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Started:
    """A command that was started; `again` where it had been started before by the same token."""

    pid: int
    again: bool


@dataclass(frozen=True)
class State:
    """Whether the command of a folder lives, which process it is or was, and by which token it was started."""

    alive: bool
    pid: int
    token: str


def start(
    host: ssh.Host,
    folder: str,
    argv: Sequence[str],
    env: Mapping[str, str] | None = None,
    *,
    token: str = "1",
    output: str = "output.txt",
) -> Started:
    """Start a command in a folder there, in a session of its own.

    Asked again with the same token it is not started again, also where the first answer was lost or it has ended since.

    Args:
        folder: below HOME; made where it is not there.
        env: what its environment has besides that of a login.
        token: tells one start from the next, as the number of an attempt does.
        output: the file in the folder to which standard output and standard error are appended.

    Raises:
        Conflict: another command, or one of another token, lives in this folder.
        Failed: there is no such program, or it must not be run.
    """
    if not _TOKEN.fullmatch(token) or not argv:
        raise Refused(f"{token!r} cannot tell one start from another", hint="letters, digits, - and _")
    words = {"folder": far(folder), "argv": [*argv], "env": dict(env or {}), "token": token, "output": output}
    answer = programs.ask(host, "start", words)
    if "error" in answer:
        raise Failed(f"{host.name}: {answer['error']}", hint="look at the path of the program", code=127)
    if "busy" in answer:
        pid = answer["busy"].get("pid", "another")
        raise Conflict(f"{host.name}: process {pid} lives in {folder}", hint="wait for its end, or stop it")
    return Started(int(answer["pid"]), bool(answer["again"]))


def state(host: ssh.Host, folder: str) -> State:
    """How the command of a folder stands."""
    return _standing(host, folder, "")


def alive(host: ssh.Host, folder: str) -> bool:
    """Whether the command of a folder lives."""
    return state(host, folder).alive


def stop(host: ssh.Host, folder: str, *, now: bool = False) -> State:
    """Ask the command of a folder and its children to end; `now` does not ask."""
    return _standing(host, folder, "SIGKILL" if now else "SIGTERM")


def _standing(host: ssh.Host, folder: str, signal: str) -> State:
    answer = programs.ask(host, "standing", {"folder": far(folder), "signal": signal})
    return State(bool(answer["alive"]), int(answer["pid"]), str(answer["token"]))
