"""The status, here, of a run that is elsewhere: the machine's own words, and how the link to it stands."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.files import disk_is_full, read_json, sweep, write_json
from engine.run import Run
from engine.status import Status, from_json, to_json

HEARTBEAT_S = 2.0
REFRESH_S = 0.3
SKEW_S = 2.0  # clocks that differ by less are taken for equal
TIMES = ("started_at", "phase_started_at", "ended_at")


class Standing:
    """The only writer of `status.json` of a run that is elsewhere; its heartbeat is that of the shepherd here."""

    def __init__(self, run: Run, machine: str, say: Callable[[str], None]) -> None:
        sweep(run.folder, run.status_file.name)
        self.run = run
        self.skew_s = 0.0
        self.verdict: Status | None = None  # the machine's last word, while what it made is on its way
        self._say = say
        self._lock = threading.RLock()
        self._written = 0.0
        self._changed = True
        found = from_json(read_json(run.status_file))
        self.status = replace(found, machine=machine, shepherd_host=socket.gethostname())

    def link(self, words: str, hint: str = "") -> None:
        """How things stand between here and the machine; empty when nothing is left to do."""
        with self._lock:
            if (words, hint) == (self.status.link, self.status.link_hint):
                return
            if words:
                self._say(f"{words}{f' ({hint})' if hint else ''}")
            since = None if not words else time.time()
            self.set(link=words, link_hint=hint, link_since=since)
            self.write()

    def set(self, **changes: Any) -> None:
        """Change some of it; written at the next heartbeat at the latest."""
        with self._lock:
            self.status = replace(self.status, **changes)
            self._changed = True

    def take(self, raw: Mapping[str, Any]) -> Status:
        """Take what the machine's `status.json` says; how it ended is told here only when all of it is here."""
        theirs = from_json(raw)
        if not theirs.active:
            self.verdict = theirs
        with self._lock:
            mine = self.status
            shown = replace(theirs, state=mine.state if mine.active else "running") if not theirs.active else theirs
            self._merge(replace(shown, **self._times(theirs)))
        return theirs

    def conclude(self, state: str = "", error: str = "", hint: str = "") -> None:
        """How it ended: by the machine's own verdict, unless another state is named."""
        with self._lock:
            if state:
                ended = {"state": state, "error": error, "hint": hint, "ended_at": time.time(), "waiting_for": ""}
                self.set(**ended, exit_code=3 if state in ("stopped", "preempted") else 1)
            elif self.verdict:
                self._merge(replace(self.verdict, **self._times(self.verdict)))
            self.write()

    def add_flag(self, flag: str) -> None:
        """Something that has to be known of this run, beside what it said itself."""
        with self._lock:
            if flag not in self.status.flags:
                self.set(flags=(*self.status.flags, flag))

    def renew(self, attempt_wanted: int) -> None:
        """A further attempt is wanted; nothing of it is known yet."""
        with self._lock:
            self.verdict = None
            if self.status.attempt < attempt_wanted:
                blank = {"error": "", "hint": "", "exit_code": None, "signal": "", "ended_at": None}
                self.set(state="pending", **blank, waiting_for="", criteria=())
            self.write()

    def tick(self) -> None:
        """Write where something has changed, or the next heartbeat is due."""
        with self._lock:
            age = time.monotonic() - self._written
            if age >= HEARTBEAT_S or (self._changed and age >= REFRESH_S):
                self.write()

    def write(self) -> None:
        """Write it all, with the time."""
        with self._lock:
            if not self.run.exists():
                return  # somebody has taken the folder away, and is not to get it back
            self.status = replace(self.status, heartbeat_at=time.time())
            try:
                write_json(self.run.status_file, to_json(self.status))
            except OSError as error:
                if not disk_is_full(error):
                    raise
            self._written, self._changed = time.monotonic(), False

    def _merge(self, theirs: Status) -> None:
        mine = self.status
        ours = {name: getattr(mine, name) for name in ("machine", "link", "link_since", "link_hint", "shepherd_host")}
        flags = tuple(dict.fromkeys((*theirs.flags, *mine.flags)))  # those that were added here stay
        self.status = replace(theirs, flags=flags, **ours)
        self._changed = True

    def _times(self, theirs: Status) -> dict[str, Any]:
        """Times as our clock would have told them, where the machine's is not right."""
        skew_s = self.skew_s if abs(self.skew_s) > SKEW_S else 0.0
        return {name: at - skew_s if (at := getattr(theirs, name)) is not None else None for name in TIMES}
