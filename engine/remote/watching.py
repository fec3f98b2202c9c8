"""Along with a run on its machine: everything it says is copied, until it has ended there and all of it is here."""

from __future__ import annotations

import json
import time
from contextlib import closing, suppress
from typing import Any

from engine.files import write_atomic
from engine.remote import fetching
from engine.remote.copying import GROWING, WHOLE, Copy
from engine.remote.errand import Errand
from engine.remote.errors import Lost, Taken
from engine.remote.there import There
from engine.status import Status
from vmops import mirror, remote
from vmops.errors import Broken, OutsideError, Unavailable
from vmops.mirror import Beat, Link, Piece, Replaced, Said, Whole

QUIET_S = 8.0  # its supervisor writes every 2 s
CHECKPOINTS_S = 120.0  # how often they are fetched while a run that is to be kept alive goes on
ASK_S = 5.0  # how often at most the provider is asked what became of the machine


class Watch:
    """One attempt that has begun there."""

    def __init__(self, errand: Errand, far: There) -> None:
        self.errand, self.far = errand, far
        self.run, self.standing, self.place = errand.run, errand.standing, errand.place
        self.copy = Copy(errand.run)
        self._heard = time.monotonic()
        self._asked = 0.0
        self._fetched = time.monotonic()
        self._goal: dict[str, int] | None = None

    def to_the_end(self) -> Status:
        """Copy until the attempt has ended and nothing of it is missing here; how it ended.

        Raises:
            Taken: its machine is not there any more.
            Lost: the machine is, but the run's processes are not.
        """
        said = mirror.follow(self.far.host, self.far.folder, self.copy.marks(), WHOLE, wait=self.errand.pauses.sleep)
        with closing(said):  # which ends its process
            for one in said:
                self._take(one)
                if self._is_here():
                    break
        assert self.standing.verdict is not None
        return self.standing.verdict

    def _take(self, said: Said) -> None:
        match said:
            case Piece(path=path) | Replaced(path=path) if path not in GROWING:
                raise _not_asked(self.place.name, path)
            case Whole(path=path) if path not in WHOLE:
                raise _not_asked(self.place.name, path)
            case Piece():
                if words := self.copy.write(said):
                    self.errand.say(words)
            case Replaced(path=path, words=words):
                self.errand.say(f"{path} on {self.place.name}: {words}")
                self.copy.begin_again(path)
            case Whole(path="status.json", data=data) if data:
                self._status(data)
            case Whole(path=path, data=data) if data:
                write_atomic(self.run.folder / path, data)
            case Beat(at=at):
                self.standing.skew_s = at - time.time()
                self._see_whether_it_lives()
                self._keep_checkpoints()
            case Link(up=True):
                self._heard = time.monotonic()
                self.standing.link("connected")
            case Link():
                self._apart(said)

    def _status(self, data: bytes) -> None:
        self._heard = time.monotonic()
        with suppress(ValueError):
            raw = json.loads(data)
            if isinstance(raw, dict) and raw.get("attempt", 0) >= self.errand.memory.attempt:
                self.standing.take(raw)

    def _apart(self, link: Link) -> None:
        """No connection: that changes nothing there, unless the machine itself is gone."""
        since = time.strftime("%H:%M:%S", time.localtime(link.since))
        self.standing.link(f"out of touch since {since}: {link.words}", link.hint)
        if time.monotonic() - self._asked >= ASK_S:
            self._asked = time.monotonic()
            with suppress(Unavailable):
                self.place.check()

    def _keep_checkpoints(self) -> None:
        """For the case that the machine goes without notice, and does not come back."""
        if not self.errand.memory.wish.keep_alive or time.monotonic() - self._fetched < CHECKPOINTS_S:
            return
        self._fetched = time.monotonic()
        with suppress(OutsideError):  # the next time may be better
            fetching.work(self.far, self.run, lambda words: None)

    def _see_whether_it_lives(self) -> None:
        if self.standing.verdict or time.monotonic() - self._heard < QUIET_S:
            return
        seen = self._look()
        self._heard = time.monotonic()
        if not seen or seen["alive"]:
            return
        self._status(json.dumps(seen["status"]).encode())
        if self.standing.verdict is None and not self._begins():
            self._raise_lost(seen)

    def _begins(self) -> bool:
        """Whether its supervisor is there, and has not come so far as to hold the lock."""
        try:
            return remote.alive(self.far.host, self.far.folder)
        except OutsideError:
            return True

    def _raise_lost(self, seen: dict[str, Any]) -> None:
        name = self.place.name
        if self.errand.memory.boot and seen["boot"] != self.errand.memory.boot:
            raise Taken(f"{name} was started anew, which ended the run", runs=True)
        raise Lost(
            f"its process on {name} is gone without a word (killed, or out of memory)",
            hint=f"footplate resume {self.run.id} goes on where it stood",
        )

    def _is_here(self) -> bool:
        """Whether it has ended there, and the copy is as long as what is there."""
        if self.standing.verdict is None:
            return False
        if self._goal is None:
            seen = self._look()
            if not seen or seen["alive"]:
                return False
            self._goal = seen["sizes"]
        here = self.copy.sizes()
        return all(here[name] >= size for name, size in self._goal.items())

    def _look(self) -> dict[str, Any]:
        try:
            return self.far.look()
        except OutsideError:  # the mirror hears of it as well, and says so
            return {}


def _not_asked(name: str, path: str) -> Broken:
    """A machine may write to the files that were asked for, and to no others of this computer."""
    return Broken(f"{name} sent {path[:200]!r}, which nobody asked for", hint="do not trust that machine")
