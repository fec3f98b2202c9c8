"""Whose turn it is on a device: tickets in a queue and a lock a device, all freed by the kernel when a holder dies.

A folder a machine holds `gate` (locked for the moment in which the queue is looked at), one `ticket-N` a waiting run
(locked as long as it waits) and one `cpu-0`, `cuda-0`, … a device (locked as long as it is used). Who dies, however,
leaves unlocked files behind, which the next one clears away. There is no daemon.
"""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from engine.errors import DeviceError, Stopped
from engine.locks import LOCK_S, held, hold

POLL_S = 0.2


@dataclass(frozen=True)
class Slot:
    """A device that is ours now, named as its lock file: `cpu-0`, `cuda-1`."""

    name: str

    @property
    def device(self) -> str:
        """As torch names it in a process that sees only this one."""
        return "cpu" if self.name.startswith("cpu") else "cuda:0"

    @property
    def environment(self) -> dict[str, str]:
        """What the process of the job must see."""
        number = self.name.partition("-")[2]
        # Numbers are those of the driver, by place on the bus; CUDA alone would count the fastest first.
        return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": "" if self.device == "cpu" else number}


def folder() -> Path:
    """Where this machine's slots are; FOOTPLATE_SLOTS names another place."""
    named = os.environ.get("FOOTPLATE_SLOTS")
    return Path(named) if named else Path(tempfile.gettempdir()) / f"footplate-slots-{os.getuid()}"


def devices(gpus: Iterable[int]) -> list[str]:
    """All devices of this machine: its GPUs, and its processors as a number of slots (FOOTPLATE_CPU_SLOTS)."""
    named = os.environ.get("FOOTPLATE_CPU_SLOTS") or str(max(1, (os.cpu_count() or 1) // 4))
    if not re.fullmatch(r"\d{1,4}", named, re.ASCII):
        raise DeviceError(f"FOOTPLATE_CPU_SLOTS: expected a whole number, got {named!r}")
    return [f"cuda-{n}" for n in gpus] + [f"cpu-{n}" for n in range(int(named))]


def fitting(wanted: str, known: list[str]) -> list[str]:
    """The devices that serve `cpu`, `cuda` or `cuda:1`; DeviceError where there is none."""
    kind, _, number = wanted.partition(":")
    found = [name for name in known if name.startswith(kind + "-") and (not number or name == f"{kind}-{number}")]
    if not found:
        raise DeviceError(
            f"no device {wanted!r} on this machine",
            hint=f"there are: {', '.join(known) or 'none'}; compute.device: auto takes what there is",
        )
    return found


@contextmanager
def take(who: str, fit: list[str], *, stopping: Callable[[], bool], waiting: Callable[[str], None]) -> Iterator[Slot]:
    """Wait until one of the devices in `fit` is free and it is our turn, and hold it.

    `waiting` is told for what, whenever that changes; `stopping` ends the wait with Stopped.
    """
    base = folder()
    base.mkdir(parents=True, exist_ok=True)
    with _ticket(base, who, fit) as ticket:
        lock, name = _turn(base, ticket, who, fit, stopping, waiting)
    try:
        yield Slot(name)
    finally:
        os.ftruncate(lock, 0)
        os.close(lock)


def _turn(
    base: Path, ticket: Path, who: str, fit: list[str], stopping: Callable[[], bool], waiting: Callable[[str], None]
) -> tuple[int, str]:
    said = ""
    while True:
        with _gate(base):
            ahead = _ahead(base, ticket, fit)
            taken = _first_free(base, who, fit, ahead)
        if taken is not None:
            return taken
        words = _words(base, fit, ahead)
        if words != said:
            waiting(words)
            said = words
        if stopping():
            raise Stopped("stopped while waiting for a device")
        time.sleep(POLL_S)


def _first_free(base: Path, who: str, fit: list[str], ahead: dict[str, set[str]]) -> tuple[int, str] | None:
    """A free device that nobody ahead of us could take, locked."""
    promised = set().union(*ahead.values())
    for name in fit:
        if name not in promised and (lock := hold(base / name)) is not None:
            _sign(lock, who)
            return lock, name
    return None


def _ahead(base: Path, ticket: Path, fit: list[str]) -> dict[str, set[str]]:
    """Runs with lower tickets, and the devices of ours that they could take."""
    found = {}
    for other in _tickets(base):
        if other.name >= ticket.name:
            break
        if not held(other):  # its holder died
            other.unlink(missing_ok=True)
            continue
        with suppress(FileNotFoundError):  # its holder's turn has come just now
            who, _, wants = other.read_text().partition("\n")
            if common := set(wants.split()) & set(fit):
                found[who] = common
    return found


def _tickets(base: Path) -> list[Path]:
    return sorted(path for path in base.glob("ticket-*") if re.fullmatch(r"ticket-\d{9}", path.name, re.ASCII))


def _words(base: Path, fit: list[str], ahead: dict[str, set[str]]) -> str:
    each = [f"{name.replace('-', ' ')} ({_use(base / name)})" for name in fit]
    behind = f", {len(ahead)} ahead: {', '.join(ahead)}" if ahead else ""
    return " or ".join(each) + behind


def _use(path: Path) -> str:
    if not held(path):
        return "free"  # for those ahead
    return f"in use by {path.read_text() or 'another process'}"


@contextmanager
def _gate(base: Path) -> Iterator[None]:
    gate = os.open(base / "gate", os.O_CREAT | os.O_RDWR, 0o666)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield
    finally:
        os.close(gate)


@contextmanager
def _ticket(base: Path, who: str, fit: list[str]) -> Iterator[Path]:
    with _gate(base):
        last = max((int(path.name.partition("-")[2]) for path in _tickets(base)), default=0)
        path = base / f"ticket-{last + 1:09d}"
        lock = hold(path, LOCK_S)
        path.write_text(f"{who}\n{' '.join(fit)}")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        if lock is not None:
            os.close(lock)


def _sign(lock: int, who: str) -> None:
    os.ftruncate(lock, 0)
    os.pwrite(lock, who.encode(), 0)
