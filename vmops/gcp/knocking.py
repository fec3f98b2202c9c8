"""Host keys: a machine tells them to the cloud when it boots, so that ssh need not believe whoever answers."""

from __future__ import annotations

import time
from contextlib import suppress

from vmops import hostkeys, hosts, ssh
from vmops.errors import OutsideError
from vmops.gcp import guest
from vmops.gcp.cloud import Cloud
from vmops.provider import Machine, Say

WHERE = "hostkeys/"  # Google's guest agent writes them there, where enable-guest-attributes is set
PATIENCE_S = 90.0


def keys(cloud: Cloud, machine: Machine) -> list[str]:
    """What it has told so far; none before it has booted, or where its image has no agent."""
    return [f"{kind} {key}" for kind, key in guest.told(cloud, machine, WHERE).items()]


def acquaint(cloud: Cloud, machine: Machine, say: Say) -> None:
    """Note its host keys as known, once it has told them; who cannot wait for ever is told how to go on."""
    host = hosts.named(cloud.settings, cloud.folder, machine.name, machine.address)
    end, told = time.monotonic() + PATIENCE_S, False
    while not (found := keys(cloud, machine)):
        if time.monotonic() > end:
            say(f"{machine.name} has told no host key yet; footplate vm trust {machine.name} asks it itself")
            return
        if not told:
            say(f"waiting for the host key of {machine.name}")
        told = True
        time.sleep(1.0)
    hostkeys.trust(host, *found)


def acquainted(cloud: Cloud, machine: Machine) -> bool:
    """Whether its keys are known."""
    return bool(hostkeys.known(hosts.named(cloud.settings, cloud.folder, machine.name, machine.name)))


def forget(cloud: Cloud, name: str) -> None:
    """Another machine may have its name tomorrow."""
    hostkeys.forget(hosts.named(cloud.settings, cloud.folder, name, name))


def leave(cloud: Cloud, machine: Machine) -> None:
    """End the connection that all commands share, before there is nobody at its other end."""
    with suppress(OutsideError, OSError):
        ssh.disconnect(hosts.rented(cloud.settings, cloud.folder, machine))
