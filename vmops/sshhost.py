"""A machine as OpenSSH finds it, and what ssh is told about it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from vmops.errors import Refused

CONNECT_S = 10
ALIVE_EVERY_S, ALIVE_TIMES = 2, 3  # a dead peer is noticed after 6 s


@dataclass(frozen=True)
class Host:
    """A machine as ssh finds it.

    An empty user and port 22 leave it to OpenSSH's config. With `known_hosts` the host key is looked up there under
    `name`, so that a new address is not a new machine; without, in the operator's own file. `control` is the folder of
    the shared connection's socket; by default a private one of this user.
    """

    name: str
    address: str
    user: str = ""
    port: int = 22
    key: str = ""
    options: tuple[str, ...] = ()
    known_hosts: Path | None = None
    control: Path | None = None

    def __post_init__(self) -> None:
        for what, word in (("address", self.address), ("user", self.user), ("name", self.name)):
            if word.startswith("-") or any(letter.isspace() or not letter.isprintable() for letter in word):
                raise Refused(f"{word!r} cannot be the {what} of a machine", hint="letters, digits, dots and dashes")
        if not self.address:
            raise Refused(f"{self.name} has no address", hint="is it running? footplate vm list tells")


def interactive(host: Host) -> list[str]:
    """The words of an ssh that a person will use."""
    return ["ssh", *_where(host), *_keys(host), *_alive()]


def unattended(host: Host) -> list[str]:
    """The words of an ssh that nobody looks at: it asks nothing."""
    quiet = ("BatchMode=yes", "ConnectionAttempts=1", "RemoteCommand=none", "PermitLocalCommand=no", "ForwardAgent=no",
             "ForwardX11=no", "ClearAllForwardings=yes", "RequestTTY=no")  # fmt: skip
    return [*interactive(host), *(word for each in quiet for word in ("-o", each))]


def environment() -> dict[str, str]:
    """Ours, but in the language in which ssh's complaints are read."""
    return {**os.environ, "LC_ALL": "C"}


def _where(host: Host) -> list[str]:
    words = list(host.options)  # first: of two values for one option, ssh takes the first
    if host.key:
        words += ["-i", host.key, "-o", "IdentitiesOnly=yes"]
    if host.user:
        words += ["-l", host.user]
    if host.port != 22:
        words += ["-p", str(host.port)]
    return words


def _keys(host: Host) -> list[str]:
    words = ["-o", "StrictHostKeyChecking=yes"]
    if host.known_hosts is not None:
        ours = str(host.known_hosts.absolute()).replace("%", "%%")
        words += ["-o", f'UserKnownHostsFile="{ours}"', "-o", "GlobalKnownHostsFile=none", "-o", "UpdateHostKeys=no"]
        words += ["-o", f"HostKeyAlias={host.name}", "-o", "CheckHostIP=no"]
    return words


def _alive() -> list[str]:
    said = (f"ConnectTimeout={CONNECT_S}", f"ServerAliveInterval={ALIVE_EVERY_S}", f"ServerAliveCountMax={ALIVE_TIMES}")
    return [word for each in said for word in ("-o", each)]
