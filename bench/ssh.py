"""Commands on a machine through one shared connection, beside one connection each; and how fast a log is mirrored.

The machine is a real sshd on loopback, so the network costs nothing: what is compared is logins and bytes.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.numbers import told
from tests import outside, sshd
from tests.sshd import Sshd
from vmops import mirror, ssh
from vmops.mirror import Piece
from vmops.sshhost import unattended

MIB = 1 << 20


def main(quick: bool) -> dict[str, Any]:
    if missing := [name for name in ("sshd", "ssh", "ssh-keygen") if not outside.program(name)]:
        return {"missing": ", ".join(missing)}
    with sshd.running() as machine:
        host = machine.trusted()
        return {
            "commands": _commands(host, 30 if quick else 100),
            "mirror": _mirrored(machine, host, 64 if quick else 256, 2 if quick else 5),
            "append": _appended(machine, host, 20 if quick else 60),
        }


# --- commands ----------------------------------------------------------------------------------------------------


def _commands(host: ssh.Host, count: int) -> dict[str, Any]:
    """Seconds for so many commands, in turn, so that a slow moment of the machine meets both ways."""
    ssh.run(host, ["true"])
    shared, single = 0.0, 0.0
    for _ in range(count):
        shared += _seconds(lambda: ssh.run(host, ["true"]))
        single += _seconds(lambda: _alone(host))
    return {"count": count, "shared_s": shared, "single_s": single, "ratio": single / shared}


def _alone(host: ssh.Host) -> None:
    """The same command through a connection of its own."""
    words = [*unattended(host), "-o", "ControlPath=none", "--", host.address, ssh.wrapped(["true"], 60)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, capture_output=True)


def _seconds(act: Any) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


# --- bytes -------------------------------------------------------------------------------------------------------


def _mirrored(machine: Sshd, host: ssh.Host, size_mib: int, rounds: int) -> dict[str, Any]:
    """MiB a second of a log that is there already, beside `ssh cat` through the same connection."""
    log = machine.home / "log.txt"
    log.write_bytes(os.urandom(MIB) * size_mib)
    ours, plain = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            ours.append(size_mib / _seconds(lambda here=Path(folder): _by_mirror(host, here, log)))
            plain.append(size_mib / _seconds(lambda here=Path(folder): _by_cat(host, here / "cat.txt")))
            same = (Path(folder) / "log.txt").read_bytes() == log.read_bytes()
    log.unlink()
    ratio = told(ours)["median"] / told(plain)["median"]
    return {"mib": size_mib, "mib_per_s": told(ours), "cat_mib_per_s": told(plain), "ratio_to_cat": ratio, "same": same}


def _by_mirror(host: ssh.Host, here: Path, log: Path) -> None:
    size = log.stat().st_size
    with closing(mirror.into(host, "", here, ["log.txt"])) as said:
        next(one for one in said if isinstance(one, Piece) and one.offset + len(one.data) == size)


def _by_cat(host: ssh.Host, here: Path) -> None:
    with here.open("wb") as file:
        subprocess.run(ssh.command(host, ["cat", "log.txt"]), check=True, stdin=subprocess.DEVNULL, stdout=file)


# --- single lines ------------------------------------------------------------------------------------------------


def _appended(machine: Sshd, host: ssh.Host, count: int) -> dict[str, Any]:
    """Milliseconds from a line that is written there, after a quiet moment, to its bytes here."""
    log = machine.home / "lines.txt"
    log.write_text("0\n")
    samples = []
    with closing(mirror.follow(host, "", {"lines.txt": mirror.Mark()})) as said:
        pieces: Iterator[Piece] = (one for one in said if isinstance(one, Piece))
        next(pieces)
        for number in range(count):
            time.sleep(0.2 + 0.6 * (number % 7) / 7)
            with log.open("a") as file:
                file.write(f"{number}\n")
            samples.append(_seconds(lambda: next(pieces)) * 1e3)
    return {"arrives_ms": told(samples)}
