"""What people do to machines, through the gate; each answers with the words that tell what was done."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from engine import machines
from engine.errors import FootplateError
from tui.services.gate import Gate
from tui.services.machines import desks
from vmops import hostkeys, hosts, naming, ssh
from vmops.errors import OutsideError, Refused
from vmops.provider import Machine, Orphan, Plan
from vmops.settings import Fixed
from vmops.ssh import Host

Say = Callable[[str], None]


def fault(name: str) -> str:
    """Why a machine cannot be called so; empty where it can."""
    try:
        naming.machine(name)
    except Refused as error:
        said = error.message.replace(repr(name), name) if name.isprintable() else error.message
        return f"{said}: {error.hint}"
    return ""


@dataclass(frozen=True)
class Planned:
    """A plan, or why there is none."""

    kind: str
    name: str
    plan: Plan | None = None
    trouble: str = ""
    advice: str = ""


def plan(gate: Gate, kind: str, name: str) -> Planned:
    """What a machine would be and cost; asking changes nothing."""
    try:
        return Planned(kind, name, desks.at(gate)[0].plan(kind, naming.machine(name)))
    except (FootplateError, OutsideError) as error:
        return Planned(kind, name, trouble=error.message, advice=error.hint)


def create(gate: Gate, kind: str, name: str, say: Say) -> str:
    """Ask for a machine, and wait until it runs."""

    def do() -> str:
        made = desks.at(gate)[0].create(kind, naming.machine(name), say)
        return f"{made.name} runs in {made.zone}"

    with machines.explained():
        return gate.change(_verb("create", kind, name), do)


def start(gate: Gate, name: str, say: Say) -> str:
    """Start a stopped machine."""
    return _act(gate, "start", name, say)


def stop(gate: Gate, name: str, say: Say) -> str:
    """Stop a machine; its disk stays."""
    return _act(gate, "stop", name, say)


def delete(gate: Gate, name: str, say: Say) -> str:
    """Delete a machine and its disk."""
    return _act(gate, "delete", name, say)


def adopt(gate: Gate, say: Say) -> str:
    """Wait for what somebody asked for and did not wait for."""

    def do() -> str:
        taken = desks.at(gate)[0].adopt(say)
        return f"{', '.join(one.name for one in taken)}: as was asked" if taken else "nothing is left to wait for"

    with machines.explained():
        return gate.change(_verb("adopt"), do)


def delete_orphan(gate: Gate, orphan: Orphan, say: Say) -> str:
    """Delete something that costs and that nothing uses."""

    def do() -> str:
        desks.at(gate)[0].delete_orphan(orphan.what, orphan.name, orphan.place, say)
        return f"{orphan.what} {orphan.name} is deleted"

    with machines.explained():
        return gate.change(_verb("orphans", "--delete", orphan.name), do)


@dataclass(frozen=True)
class Way:
    """The command that opens a shell on a machine; with a key where nobody has said yet that it is the machine's."""

    name: str
    argv: tuple[str, ...]
    host: Host
    key: str = ""
    fingerprint: str = ""


def way(gate: Gate, machine: Machine | Fixed) -> Way:
    """How to come to a machine."""
    folder = gate.workspace.machines
    with machines.explained():
        settings = desks.at(gate)[1]
        if isinstance(machine, Machine):
            host = hosts.rented(settings, folder, machine)
        else:
            host = hosts.fixed(settings, folder, machine.name)
        known = Way(host.name, tuple(ssh.shell(host)), host)
        if host.known_hosts is None or hostkeys.known(host):
            return known
        offered = hostkeys.offered(host)
        return replace(known, key=offered.line, fingerprint=f"{offered.kind} {offered.fingerprint}")


def trust(gate: Gate, way: Way) -> Way:
    """Somebody has said that the key is the machine's."""
    with machines.explained():
        gate.change(f"trusting {way.fingerprint} for {way.name}", partial(hostkeys.trust, way.host, way.key))
    return way


def shell(gate: Gate, way: Way) -> str:
    """Hand the terminal to ssh until that ends; how it ended."""

    def do() -> str:
        print(f"{way.name}: exit comes back to footplate", flush=True)  # noqa: T201 (it stands above the shell)
        try:
            code = subprocess.call(way.argv)
        except OSError as error:
            return f"{way.argv[0]} did not start: {error.strerror}"
        if code == 255:  # what ssh itself complained of would be gone with its screen
            input("ssh did not get there; enter comes back to footplate ")
        return f"ssh ended with {code}"

    return gate.change(shlex.join(way.argv), do)


def _act(gate: Gate, what: str, name: str, say: Say) -> str:
    def do() -> str:
        machine: Machine = getattr(desks.at(gate)[0], what)(name, say)
        return f"{machine.name} is {machine.state}"

    with machines.explained():
        return gate.change(_verb(what, name), do)


def _verb(*words: str) -> str:
    return shlex.join(["footplate", "vm", *words])
