"""Transfers by rsync: their words, their progress, tried again where the connection was cut."""

from __future__ import annotations

import os
import random
import re
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vmops import ssh, sshwords
from vmops.errors import Cut, Failed, NotFound, OutsideError, Unavailable
from vmops.sshwords import Say

TRIES = 8  # in a row that bring nothing over
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
SILENT_S = 60  # rsync says something more often, also while it only compares
SAY_EVERY_S = 0.5

_PROGRESS = re.compile(r"\s*([\d,.]+)\s+(\d+)%\s+(\S+/s)")
_CUT = (10, 12, 20, 30, 35, 255)  # of rsync: a socket, its protocol, a signal, a timeout; and ssh's own


def options(only: Sequence[str], links: str, delete: bool) -> list[str]:
    """What rsync is told for every transfer; times and modes are kept, owners are not, whose numbers differ there."""
    chosen = ["--archive", "--no-owner", "--no-group", "--secluded-args", "--partial-dir=.rsync-partial"]
    chosen += ["--modify-window=-1"]  # times to the nanosecond: a checkpoint may be replaced twice in a second
    chosen += ["--no-inc-recursive", "--info=progress2", "--no-human-readable", "--outbuf=N"]
    chosen += [f"--timeout={SILENT_S}", "--copy-links" if links == "follow" else "--safe-links"]
    return [*chosen, *["--delete"] * delete, *["--recursive", "--from0", "--files-from=-"] * bool(only)]


@dataclass
class Transfer:
    """One transfer: rsync's options and its two ends, names below its source (none: all of it), what to call it."""

    host: ssh.Host
    words: list[str]
    names: Sequence[str]
    title: str
    say: Say
    moved: bool = False  # whether the newest try brought anything over
    said_at: float = 0.0

    def finish(self) -> None:
        """Run rsync until all is over there; given up when so many tries in a row bring nothing over."""
        failed, pause = 0, FIRST_PAUSE_S
        while True:
            self.moved = False
            try:
                return self._try()
            except Unavailable as error:
                failed, pause = (1, FIRST_PAUSE_S) if self.moved else (failed + 1, pause * 2)
                if failed >= TRIES:
                    raise
                self.say(f"{self.title}: {error.message}; going on in a moment")
                time.sleep(min(pause, LONGEST_PAUSE_S) * random.uniform(0.5, 1.0))

    def _try(self) -> None:
        shell = " ".join(_quoted(word) for word in ssh.through(self.host))
        with tempfile.TemporaryFile() as complaints, tempfile.TemporaryFile() as names:
            names.write(b"\0".join(b"./" + os.fsencode(name) for name in self.names))
            names.seek(0)
            process = ssh.opened(["rsync", "-e", shell, *self.words], complaints, names)
            try:
                for line in _lines(self.host, process):
                    self._hear(line)
                code = process.wait(SILENT_S)
            finally:
                ssh.ended(process)
            complaints.seek(0)
            said = complaints.read().decode("utf-8", "replace")
        if code:
            raise self._why(code, said)

    def _hear(self, line: str) -> None:
        if found := _PROGRESS.match(line):
            self.moved = self.moved or found[1] != "0"
            if time.monotonic() - self.said_at > SAY_EVERY_S or found[2] == "100":
                self.said_at = time.monotonic()
                self.say(f"{self.title}: {found[2]} %, {found[1]} bytes, {found[3]}")

    def _why(self, code: int, said: str) -> OutsideError:
        """What rsync's exit code means; what a disk or a shell there says comes before it."""
        if any(word in said for word in sshwords.FULL):
            return sshwords.failure(self.host.name, ["rsync"], code, said)
        if "not found" in said and code in (12, 127):
            return sshwords.missing(self.host.name, "rsync")
        if code == 255:
            return ssh.why(self.host, code, said)
        if code in _CUT or code < 0:
            return Cut(f"{self.host.name}: {self.title} was cut off", hint="try again: it goes on where it stood")
        if code == 23 and ("change_dir" in said or "link_stat" in said):
            return NotFound(f"{self.host.name}: {sshwords.last(said)}", hint="look at the spelling of the path")
        words = f"{self.host.name}: {self.title} failed with {code}: {sshwords.last(said)}"
        return Failed(words, hint="the words are rsync's", code=code, said=said)


def _lines(host: ssh.Host, process: subprocess.Popen[bytes]) -> Iterator[str]:
    """What rsync says, a line or a step of its progress at a time; Cut where it has been silent too long."""
    assert process.stdout is not None
    looks, held = select.poll(), b""
    looks.register(process.stdout, select.POLLIN)
    while True:
        if not looks.poll((SILENT_S + 30) * 1000):
            ssh.disconnect(host)
            raise Cut(f"{host.name}: rsync has been silent for {SILENT_S + 30} s", hint="it is tried again")
        if not (block := os.read(process.stdout.fileno(), 1 << 16)):
            break
        *whole, held = re.split(b"[\r\n]", held + block)
        yield from (line.decode("utf-8", "replace") for line in whole)
    yield held.decode("utf-8", "replace")


def _quoted(word: str) -> str:
    """A word as rsync's own splitting of `-e` reads it: a quote within quotes stands twice."""
    return "'" + word.replace("'", "''") + "'"
