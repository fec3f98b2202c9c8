"""The processes of a machine: those that bear its marker, and everything below its first one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

MARKER = "FOOTPLATE_MACHINE"


def born(pid: int) -> str:
    """When a process began, in the kernel's words; empty where there is none, or only a zombie of it."""
    with suppress(OSError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    return ""


def of_machine(machine: str, first: int = 0) -> set[int]:
    """The processes of a machine, zombies left out; `first` is its first process, whose descendants count in any case.

    The marker finds who has left the tree, the tree finds who has wiped the marker: sshd writes its title over it.
    """
    bytes_of = f"{MARKER}={machine}".encode()
    parents: dict[int, int] = {}
    found: set[int] = set()
    for pid in (int(name) for name in os.listdir("/proc") if name.isdigit()):
        with suppress(OSError, IndexError, ValueError):
            state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
            parents[pid] = int(parent)
            if state not in "ZX" and (_bears(pid, bytes_of) or _is_sshd(pid, machine)):
                found.add(pid)
    below = _below(first, parents) if first else set()
    return {pid for pid in found | below if born(pid)}


def _bears(pid: int, mark: bytes) -> bool:
    return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")


def _is_sshd(pid: int, machine: str) -> bool:
    """Whether it is the sshd of a machine, by the title that it has given itself."""
    title = Path(f"/proc/{pid}/cmdline").read_bytes()
    return title.startswith(b"sshd:") and f"/machines/{machine}/".encode() in title


def _below(first: int, parents: dict[int, int]) -> set[int]:
    found = {first} if first in parents else set()
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def end(machine: str, first: int = 0, *, grace_s: float = 0.0, besides: Collection[int] = ()) -> None:
    """End them all: asked first, where there is a grace, and killed then; returns when none is left."""
    if grace_s:
        _send(of_machine(machine, first) - set(besides), signal.SIGTERM)
        until = time.monotonic() + grace_s
        while time.monotonic() < until and of_machine(machine, first) - set(besides):
            time.sleep(0.02)
    # The first process stands still meanwhile and goes last: it would start anew what ends, and it adopts orphans.
    _send({first} - {0} - set(besides), signal.SIGSTOP)
    while left := of_machine(machine, first) - {first} - set(besides):
        _send(left, signal.SIGKILL)
        time.sleep(0.01)
    while first and first not in besides and born(first):
        _send({first}, signal.SIGKILL)
        time.sleep(0.01)


def _send(pids: Collection[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
