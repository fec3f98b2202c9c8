"""Code on a machine: in a folder that is called by its hash, and is what its hash says."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vmops import programs, ssh, sync
from vmops.errors import Conflict
from vmops.onmachine.place import digest
from vmops.sshwords import Say

PACKAGES = ("engine", "vmops")


@dataclass(frozen=True)
class Code:
    """Code that a machine is to have.

    `root` is a folder with the packages in it; `sha256` is over their Python files, as engine/code.py counts it, and is
    counted where it is not given.
    """

    root: Path
    sha256: str = ""
    packages: tuple[str, ...] = PACKAGES

    @property
    def digest(self) -> str:
        return self.sha256 or digest(self.root, [*self.packages])


def sent(host: ssh.Host, code: Code, say: Say) -> str:
    """Send the code of a folder; where it is there."""
    arrived = f".part-{secrets.token_hex(8)}"
    say(f"sending the code {code.digest[:16]}")
    for package in code.packages:
        sync.push(host, code.root / package, f"footplate/code/{arrived}/{package}", say)
    return placed(host, code, arrived)


def placed(host: ssh.Host, code: Code, arrived: str) -> str:
    """Have code that arrived checked and called by its hash."""
    words: dict[str, Any] = {"arrived": arrived, "sha256": code.digest, "packages": [*code.packages]}
    answer = programs.ask(host, "place", words)
    if answer["sha256"] != code.digest:
        raise Conflict(
            f"{host.name}: the code that arrived is {answer['sha256'][:16]}, not {code.digest[:16]}",
            hint="was it edited meanwhile? try again",
        )
    return str(answer["folder"])
