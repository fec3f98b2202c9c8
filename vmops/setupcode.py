"""Code on a machine: in a folder that is called by its hash, and is what its hash says."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vmops import programs, ssh, sync
from vmops.checkouts import Checkout
from vmops.errors import Conflict, Failed
from vmops.onmachine.place import digest
from vmops.sshwords import Say

PACKAGES = ("engine", "vmops")


@dataclass(frozen=True)
class Code:
    """Code that a machine is to have.

    Args:
        root: a folder with the packages in it. A git checkout goes as its commit, in a bundle of what the machine lacks
            of it; any other folder as it is.
        sha256: over all Python files, as engine/code.py counts it; counted where it is not given.
        packages: folders, of which the Python files count, and files that count beside them.
        uncommitted: whether a checkout may have changes; they are sent beside the commit.
    """

    root: Path
    sha256: str = ""
    packages: tuple[str, ...] = PACKAGES
    uncommitted: bool = False

    @property
    def digest(self) -> str:
        return self.sha256 or digest(self.root, [*self.packages])

    @property
    def checkout(self) -> Checkout | None:
        return Checkout(self.root, self.packages) if (self.root / ".git").exists() else None

    def check(self) -> None:
        """Refused where the code is not what may be sent."""
        if self.checkout is not None and not self.uncommitted:
            self.checkout.must_be_committed()


def sent(host: ssh.Host, code: Code, facts: Mapping[str, Any], say: Say) -> str:
    """Send code; where it is there.

    Args:
        facts: what the machine has: `programs`, and `commits` that were sent before.
    """
    arrived = f".part-{secrets.token_hex(8)}"
    if code.checkout is not None and "git" in facts["programs"]:
        _send_commit(host, code.checkout, facts["commits"], arrived, say)
    else:
        say(f"sending the code {code.digest[:16]}")
        for package in (name for name in code.packages if (code.root / name).exists()):
            sync.push(host, code.root / package, f"footplate/code/{arrived}/{package}", say)
    return _placed(host, code, arrived)


def _send_commit(host: ssh.Host, checkout: Checkout, commits: list[str], arrived: str, say: Say) -> None:
    commit, untracked = checkout.commit(), checkout.untracked()
    known = [each for each in commits if not checkout.lacks(each)]
    say(f"sending commit {commit[:12]}" + f" and {len(untracked)} files that no commit knows" * bool(untracked))
    bundle = "" if commit in known else _send_bundle(host, checkout, known, say)
    words = {
        "commit": commit,
        "bundle": bundle,
        "arrived": arrived,
        "packages": [*checkout.packages],
        "patch": checkout.patch().decode("latin-1"),  # any bytes, as text
    }
    answer = programs.ask(host, "checkout", words, timeout_s=300)
    if "error" in answer:
        raise Failed(f"{host.name}: {answer['error']}", hint="remove ~/footplate/repo.git there, and try again")
    if untracked:
        sync.push(host, checkout.root, f"footplate/code/{arrived}", say, only=untracked)


def _send_bundle(host: ssh.Host, checkout: Checkout, known: list[str], say: Say) -> str:
    """The name of a bundle there, of what is not known there."""
    name = f".bundle-{secrets.token_hex(8)}"
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        checkout.bundle(bundle, known)
        sync.push(host, bundle, f"footplate/{name}", say)
    return name


def _placed(host: ssh.Host, code: Code, arrived: str) -> str:
    """Have code that arrived checked and called by its hash."""
    words: dict[str, Any] = {"arrived": arrived, "sha256": code.digest, "packages": [*code.packages]}
    answer = programs.ask(host, "place", words)
    if answer["sha256"] != code.digest:
        raise Conflict(
            f"{host.name}: the code that arrived is {answer['sha256'][:16]}, not {code.digest[:16]}",
            hint="was it edited meanwhile? try again",
        )
    return str(answer["folder"])
