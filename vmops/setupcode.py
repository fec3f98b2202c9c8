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
class Origin:
    """Where code comes from: a commit of a checkout, and what differed from it when the code was frozen."""

    checkout: Checkout
    commit: str
    patch: bytes = b""

    @property
    def words(self) -> str:
        return f"commit {self.commit[:12]}" + " with uncommitted changes" * bool(self.patch)


@dataclass(frozen=True)
class Code:
    """Code that a machine is to have.

    Args:
        root: a folder with the packages in it, as they were frozen.
        sha256: over all Python files, as engine/code.py counts it; counted where it is not given.
        packages: folders, of which the Python files count, and files that count beside them.
        origin: the commit that it is; None where no git knows of it, and then its files are sent.
    """

    root: Path
    sha256: str = ""
    packages: tuple[str, ...] = PACKAGES
    origin: Origin | None = None

    @property
    def digest(self) -> str:
        return self.sha256 or digest(self.root, [*self.packages])


def sent(host: ssh.Host, code: Code, facts: Mapping[str, Any], say: Say) -> tuple[str, str]:
    """Send code: its commit in a bundle of what the machine lacks of it, else the files; where it is, and as what.

    Args:
        facts: what the machine has: `programs`, and `commits` that were sent before.
    """
    why = _why_not_by_commit(code.origin, facts)
    if code.origin is not None and not why:
        try:
            return _by_commit(host, code, code.origin, facts["commits"], say), code.origin.words
        except (Failed, Conflict) as error:  # a checkout that is shallow, or whose attributes change what comes out
            why = error.message
    say(f"sending the code {code.digest[:16]}, file by file" + f": {why}" * bool(why))
    return _by_file(host, code), f"files, by their hash {code.digest[:16]}" + f": {why}" * bool(why)


def _why_not_by_commit(origin: Origin | None, facts: Mapping[str, Any]) -> str:
    if origin is None:
        return ""
    if "git" not in facts["programs"]:
        return "there is no git on the machine"
    return f"{origin.checkout.root} knows no commit {origin.commit[:12]} any more" * origin.checkout.lacks(
        origin.commit
    )


def _by_file(host: ssh.Host, code: Code) -> str:
    arrived = _beside()
    for package in (name for name in code.packages if (code.root / name).exists()):
        sync.push(host, code.root / package, f"footplate/code/{arrived}/{package}", lambda words: None)
    return _placed(host, code, arrived)


def _by_commit(host: ssh.Host, code: Code, origin: Origin, commits: list[str], say: Say) -> str:
    checkout, arrived = origin.checkout, _beside()
    known = [each for each in commits if not checkout.lacks(each)]
    say(f"sending {origin.words}")
    words = {
        "commit": origin.commit,
        "bundle": "" if origin.commit in known else _send_bundle(host, origin, known),
        "arrived": arrived,
        "paths": checkout.known(origin.commit),
        "patch": origin.patch.decode("latin-1"),  # any bytes, as text
    }
    answer = programs.ask(host, "checkout", words, timeout_s=300)
    if "error" in answer:
        raise Failed(f"{host.name}: {answer['error']}", hint="remove ~/footplate/repo.git there, and try again")
    return _placed(host, code, arrived)


def _send_bundle(host: ssh.Host, origin: Origin, known: list[str]) -> str:
    """The name of a bundle there, of what is not known there."""
    name = f".bundle-{secrets.token_hex(8)}"
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"
        origin.checkout.bundle(bundle, origin.commit, known)
        sync.push(host, bundle, f"footplate/{name}", lambda words: None)
    return name


def _beside() -> str:
    return f".part-{secrets.token_hex(8)}"


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
