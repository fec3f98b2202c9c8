"""Which host key is whose: a known_hosts of our own, in which a key is only written when somebody vouches for it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import itertools
import os
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from vmops import durable, sshwords
from vmops.errors import Refused
from vmops.sshhost import Host, environment, unattended

KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512", "ssh-rsa")
PATIENCE_S = 30


@dataclass(frozen=True)
class HostKey:
    """The public key of a machine."""

    kind: str
    key: str

    @property
    def fingerprint(self) -> str:
        """As OpenSSH prints it, so that it can be compared with what the machine's console shows."""
        digest = hashlib.sha256(base64.b64decode(self.key)).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")

    @property
    def line(self) -> str:
        return f"{self.kind} {self.key}"


def parse(line: str) -> HostKey:
    """A key out of a line as `ssh-keygen` writes it; Refused where it is none."""
    words = line.split()
    for kind, key in itertools.pairwise(words):
        if kind in KINDS and _is_base64(key):
            return HostKey(kind, key)
    raise Refused(f"not a host key: {line[:80]!r}", hint=f"expected a kind ({', '.join(KINDS[:2])} …) and its key")


def trust(host: Host, *lines: str) -> None:
    """Take keys as those of a machine, from who has them from the machine itself; earlier ones are forgotten."""
    keys = [parse(line) for line in lines]
    path = _file(host)
    with durable.locked(path.with_suffix(".lock")):
        kept = [line for line in _lines(path) if _name(line) != host.name]
        beside = path.with_name(f".{path.name}.part")  # the lock is ours, so nobody else writes to it
        beside.write_text("".join(f"{line}\n" for line in [*kept, *(f"{host.name} {key.line}" for key in keys)]))
        os.replace(beside, path)


def forget(host: Host) -> None:
    """Forget the keys of a machine, as when it is deleted."""
    trust(host)


def known(host: Host) -> list[HostKey]:
    """The keys that are known as those of a machine."""
    return [parse(line) for line in _lines(_file(host)) if _name(line) == host.name]


def offered(host: Host) -> HostKey:
    """The key which the machine that answers shows: nobody has vouched for it yet.

    ssh itself asks, and not ssh-keyscan, which knows neither config nor proxies.
    """
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "seen"
        asking = unattended(replace(host, known_hosts=seen))
        # Of two values for one option ssh takes the first.
        first = ["-o", "StrictHostKeyChecking=accept-new", "-o", "HashKnownHosts=no", "-o", "ControlPath=none"]
        words = [asking[0], *first, "-o", "PreferredAuthentications=none", *asking[1:], "--", host.address, "true"]
        said = _asked(words)
        keys = [parse(line) for line in _lines(seen)]
    if not keys:
        raise sshwords.trouble(host.name, said)
    return keys[0]


def _asked(words: list[str]) -> str:
    try:
        asked = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False, env=environment()
        )
    except FileNotFoundError:
        raise sshwords.missing_here(words[0]) from None
    except subprocess.TimeoutExpired:
        return f"timed out after {PATIENCE_S} s"
    return asked.stderr.decode("utf-8", "replace")


def _file(host: Host) -> Path:
    if host.known_hosts is None:
        raise Refused(
            f"{host.name}: its key is in your own known_hosts", hint=f"connect once by hand: ssh {host.address}"
        )
    return host.known_hosts


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []


def _name(line: str) -> str:
    return line.partition(" ")[0]


def _is_base64(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) > 16
    except (binascii.Error, ValueError):
        return False
