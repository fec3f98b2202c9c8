"""From a machine to how ssh finds it."""

from __future__ import annotations

import os
from pathlib import Path

from vmops.errors import NotFound, NotReady
from vmops.provider import Machine
from vmops.settings import Settings
from vmops.sshhost import Host

KNOWN = "known_hosts"


def rented(settings: Settings, folder: Path, machine: Machine) -> Host:
    """A machine of the cloud; NotReady where it has no address now."""
    if machine.state != "running" or not machine.address:
        raise NotReady(f"{machine.name} is {machine.state}", hint=f"footplate vm start {machine.name}")
    return named(settings, folder, machine.name, machine.address)


def named(settings: Settings, folder: Path, name: str, address: str) -> Host:
    """A machine of a name; its keys are known by that name, whatever its address."""
    return Host(
        name=name,
        address=address,
        user=settings.ssh.user,
        port=settings.ssh.port,
        key=_path(settings.ssh.key),
        options=settings.ssh.options,
        known_hosts=folder / KNOWN,
    )


def fixed(settings: Settings, folder: Path, name: str) -> Host:
    """A machine that is nobody's to start or stop; NotFound where none is named so.

    Its host key is looked up in the operator's own file, since it was there before us.
    """
    if name not in settings.hosts:
        named = ", ".join(settings.hosts) or "none"
        raise NotFound(f"no host {name!r}", hint=f"hosts in configs/machines.yaml: {named}")
    there = settings.hosts[name]
    return Host(
        name=name,
        address=there.address,
        user=there.user,
        port=there.port,
        key=_path(there.key),
        options=settings.ssh.options,
    )


def _path(key: str) -> str:
    return os.path.expanduser(key)  # noqa: PTH111 (a text stays a text)
