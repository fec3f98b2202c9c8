"""How `footplate vm` reaches a machine: a shell or a command there, and its host key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.commands import vmsee
from engine.commands.verb import Asked, answer, confirmed, workspace

if TYPE_CHECKING:
    from vmops.desk import Desk
    from vmops.provider import Machine


def ssh(asked: Asked) -> int:
    """A shell on a machine, or a command there; its exit code."""
    import subprocess

    from engine import machines
    from vmops import ssh as shells

    there = workspace(asked)
    words = asked.command[1:] if asked.command[:1] == ["--"] else asked.command
    with machines.explained():
        host = machines.host(there, _target(asked))
        argv = shells.command(host, words) if words else shells.shell(host)
    return subprocess.call(argv)


def _target(asked: Asked) -> Machine | str:
    """A rented machine, asked of the cloud; or the name of one that is always there."""
    from engine import machines

    if asked.name in machines.settings(workspace(asked)).hosts:
        return str(asked.name)
    with vmsee.opened(asked) as desk:
        return desk.machine(asked.name)


def trust(asked: Asked) -> int:
    """The host key of a machine, known from now on: from the cloud where the machine told it, else as it answers."""
    from engine import machines
    from vmops import hostkeys

    with vmsee.opened(asked) as desk, machines.explained():
        if asked.forget:
            return _forget(asked, desk)
        host, keys = machines.host(workspace(asked), desk.machine(asked.name)), desk.host_keys(asked.name)
        source = "cloud" if keys else "machine"
        if not keys:
            shown = hostkeys.offered(host)
            prints = f"{shown.kind} {shown.fingerprint}"
            confirmed(asked, asked.name, f"{asked.name} at {host.address} shows the key {prints}")
            keys = [shown.line]
        hostkeys.trust(host, *keys)
    told = [hostkeys.parse(key).fingerprint for key in keys]
    value = {"name": asked.name, "known": True, "fingerprints": told, "told_by": source}
    return answer(asked, value, f"known from now on, told by the {source}: {', '.join(told)}")


def _forget(asked: Asked, desk: Desk) -> int:
    from contextlib import suppress

    from engine import machines
    from vmops import hostkeys
    from vmops import ssh as shells
    from vmops.errors import OutsideError

    hostkeys.forget(machines.named(workspace(asked), asked.name))
    with suppress(OutsideError):  # it need not be there; where it is, a connection that stands asks for no key
        shells.disconnect(machines.host(workspace(asked), desk.machine(asked.name)))
    return answer(asked, {"name": asked.name, "known": False}, f"the host key of {asked.name} is forgotten")
