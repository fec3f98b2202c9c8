"""What ssh and commands behind it complain of, as errors that say what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from vmops.errors import (
    Cut,
    DiskFull,
    Failed,
    HostKeyChanged,
    HostKeyUnknown,
    LoginRefused,
    Missing,
    OutsideError,
    Unreachable,
)

PACKAGE = {"ssh": "openssh-client", "rsync": "rsync", "git": "git", "python3": "python3", "tar": "tar"}
FULL = ("No space left on device", "Disk quota exceeded", "ENOSPC")
_LINES = 4  # of what was said are enough to recognise it by

_KEY_CHANGED = "REMOTE HOST IDENTIFICATION HAS CHANGED"
_REFUSED = ("Permission denied", "Too many authentication failures", "no more authentication methods")
_GONE = ("closed by remote host", "Connection reset", "Broken pipe", "mux_client", "Control master terminated",
         "Timeout, server", "closed by", "not responding")  # fmt: skip

# What ssh says before it is connected, and what that means; the first that fits counts.
_BEFORE: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("Could not resolve hostname", "Name or service not known"), "nobody knows its name",
     "look at its address, and at `Host` in your ssh config"),
    (("Connection refused",), "it refuses connections",
     "it may be starting still: wait a minute; else see whether its sshd runs"),
    (("No route to host", "Network is unreachable"), "there is no way to it",
     "look at your network, VPN and the machine's firewall"),
    (("timed out", "Timeout"), "it does not answer",
     "is it running (footplate vm list)? does a firewall let port 22 through?"),
)  # fmt: skip


def trouble(name: str, said: str, *, connected: bool = False) -> OutsideError:
    """Why ssh itself failed; `connected` where it had got through before."""
    if _KEY_CHANGED in said:
        return HostKeyChanged(
            f"{name}: it shows another host key than it had: another machine, or somebody in between",
            hint=f"if it was made anew: footplate vm trust {name} --forget, and then footplate vm trust {name}",
        )
    if "Host key verification failed" in said or "host key is known for" in said:
        return HostKeyUnknown(
            f"{name}: nobody has confirmed yet that this is its host key",
            hint=f"footplate vm trust {name} shows the key's fingerprint and asks",
        )
    if _any(_REFUSED, said):
        return LoginRefused(
            f"{name}: it does not let us in ({last(said)})",
            hint=f"try `footplate vm ssh {name}`; look at user and key in machines.yaml, at ssh-add -l and OS Login",
        )
    for words, meaning, hint in _BEFORE:
        if _any(words, said) and not (connected and _any(_GONE, said)):
            return Unreachable(f"{name}: {meaning} ({last(said)})", hint=hint)
    if connected:
        return Cut(f"{name}: the connection ended in the middle ({last(said)})", hint="try again")
    return Unreachable(f"{name}: no connection ({last(said)})", hint=f"try `footplate vm ssh {name}` by hand")


def failure(name: str, argv: Sequence[str], code: int, said: str) -> OutsideError:
    """Why a command failed that was run on a machine."""
    program = argv[0] if argv else ""
    if _any(FULL, said):
        return DiskFull(
            f"{name}: its disk is full ({last(said)})", hint=f"make room on {name}, or give it a larger disk"
        )
    if code == 127 and (absent := _absent(said) or program):
        return missing(name, absent)
    if code in (124, 137) and not said.strip():
        return Unreachable(f"{name}: {program} did not come to an end and was stopped", hint="the machine may be busy")
    return Failed(
        f"{name}: {program} failed with {code}: {last(said)}", hint="the words are the machine's", code=code, said=said
    )


def missing(name: str, program: str) -> Missing:
    """A program that is not installed there."""
    package = PACKAGE.get(program, program)
    return Missing(f"{name}: {program} is not installed there", hint=f"on {name}: sudo apt-get install -y {package}")


def missing_here(program: str) -> Missing:
    """A program that is not installed on this side."""
    return Missing(f"{program} is not installed here", hint=f"install {PACKAGE.get(program, program)}")


def _absent(said: str) -> str:
    """The program that a shell did not find."""
    for pattern in (r"‘?'?([\w./+-]+)'?’?: No such file", r"([\w./+-]+): (?:command )?not found"):
        if found := re.search(pattern, said):
            return found[1].rpartition("/")[2]
    return ""


def _any(words: Sequence[str], said: str) -> bool:
    return any(word in said for word in words)


def last(said: str) -> str:
    """The end of what was said, on one line."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("@")]
    return " · ".join(lines[-_LINES:])[-400:] or "without a word"


Say = Callable[[str], None]


def silent(_words: str) -> None:
    """Hear nothing."""
