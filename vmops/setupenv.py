"""The environment on a machine: made from a lock, called by its hash, used by all that has the same lock."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from vmops import mirror, programs, remote, ssh, sync
from vmops.errors import Conflict, DiskFull, Failed, Missing, Unavailable, Unreachable
from vmops.mirror import Beat, Link, Mark, Piece, Whole
from vmops.sshwords import FULL, Say

FOLDER = "footplate/env"
OUT_OF_TOUCH_S = 600.0  # a machine that is away for so long will not come back by itself
PATIENCE_S = 3600.0
RESTARTS = 3
LARGE_BYTES, SMALL_BYTES = 14 << 30, 1 << 29


@dataclass(frozen=True)
class Environment:
    """A lock, and the lock of the installer beside it."""

    lock: Path

    @property
    def bootstrap(self) -> Path:
        return self.lock.with_name("bootstrap.lock")

    @property
    def digest(self) -> str:
        """By which it is called on the machine."""
        return hashlib.sha256(self.lock.read_bytes() + b"\0" + self.bootstrap.read_bytes()).hexdigest()[:16]

    @property
    def python(self) -> str:
        """Its interpreter, below the folder of footplate there."""
        return f"env/{self.digest}/bin/python"

    @property
    def has_torch(self) -> bool:
        return any(line.startswith("torch==") for line in self.lock.read_text(encoding="utf-8").splitlines())

    @property
    def needs_bytes(self) -> int:
        """What it takes on the disk: the wheels of torch with CUDA, and what comes out of them."""
        return LARGE_BYTES if self.has_torch else SMALL_BYTES


def make(host: ssh.Host, environment: Environment, free_bytes: int, say: Say) -> None:
    """Make it there, by a process that goes on when the connection breaks; followed to its end."""
    if free_bytes < environment.needs_bytes:
        raise DiskFull(
            f"{host.name}: {free_bytes >> 20:,} MiB free, the environment needs {environment.needs_bytes >> 20:,}",
            hint="make room there, or give its kind a larger disk_gb in machines.yaml",
        )
    place = f"{FOLDER}/.{environment.digest}"
    for path in (environment.lock, environment.bootstrap):
        sync.push(host, path, f"{place}/{'bootstrap.lock' if path == environment.bootstrap else 'requirements.lock'}")
    say("making the environment there; this takes minutes the first time")
    for _ in range(RESTARTS):
        _start(host, place, environment)
        if _followed(host, place, environment, say):
            return
        say("the process that makes it has been killed: once more")
    raise Failed(f"{host.name}: the environment was not made", hint=f"is there enough memory? see {place}/output.txt")


def _start(host: ssh.Host, place: str, environment: Environment) -> None:
    if remote.alive(host, place):  # another of us is making it
        return
    ssh.run(host, ["rm", "-f", "--", f"{place}/failed.json", f"{place}/output.txt"])
    words = ["python3", "-c", programs.text("build").decode(), ".", f"../{environment.digest}"]
    try:
        remote.start(host, place, words, token=secrets.token_hex(8))
    except Conflict:  # another was quicker
        return


def _followed(host: ssh.Host, place: str, environment: Environment, say: Say) -> bool:
    """Whether it was made; False where its maker was killed."""
    whole = ["failed.json", f"../{environment.digest}/ready"]
    watch = _Watch(host, place, time.monotonic())
    with closing(mirror.follow(host, place, {"output.txt": Mark()}, whole)) as said:
        for one in said:
            if isinstance(one, Piece):
                say(one.data.decode("utf-8", "replace").strip().splitlines()[-1][:200] if one.data.strip() else "")
            elif isinstance(one, Whole) and one.data is not None:
                if one.path == "failed.json":
                    raise _why(host, one.data)
                return True
            elif isinstance(one, Link | Beat) and not watch.goes_on(one):
                return False
    return False


@dataclass
class _Watch:
    """Sees to it that nobody waits for what cannot come."""

    host: ssh.Host
    place: str
    began: float
    dead: int = 0

    def goes_on(self, said: Link | Beat) -> bool:
        """Whether it may still come; Unreachable where the machine has been away too long."""
        if isinstance(said, Link):
            if not said.up and time.time() - said.since > OUT_OF_TOUCH_S:
                raise Unreachable(said.words, hint=said.hint)
            return True
        if time.monotonic() - self.began > PATIENCE_S:
            remote.stop(self.host, self.place, now=True)
            raise Failed(f"{self.host.name}: the environment was not made within an hour", hint="is its network slow?")
        # Its last words are on their way when it has just ended: only the second look counts.
        self.dead = 0 if _alive(self.host, self.place) else self.dead + 1
        return self.dead < 2


def _alive(host: ssh.Host, place: str) -> bool:
    try:
        return remote.alive(host, place)
    except Unavailable:
        return True


def _why(host: ssh.Host, data: bytes) -> Exception:
    said = json.loads(data)
    words, hint = f"{host.name}: {said['words']}", str(said["hint"])
    if any(word in words for word in FULL):
        return DiskFull(words, hint=hint)
    if "venv" in words:
        return Missing(words, hint=hint)
    return Failed(words, hint=hint, said=str(said["words"]))
