"""The processes that look for lines: two are kept, since to start one takes longer than many a search."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from array import array
from pathlib import Path

SCRIPT = Path(__file__).with_name("sift.py")
KEPT = 2
# Else glibc gives the memory of each part back and asks for it anew, which takes as long as many a search.
KEEPING = {"MALLOC_MMAP_THRESHOLD_": str(16 << 20), "MALLOC_TRIM_THRESHOLD_": str(16 << 20)}
PATIENCE_S = 0.2  # how long a search waits for a process that another one has, before it gets a third
GIVE_UP_S = 0.05  # how long a process that nobody waits for any more may take to come to an end


class Process:
    """One process; whoever it is lent to is alone with it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(SCRIPT)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, **KEEPING},
        )  # fmt: skip
        self.asked = 0  # parts whose answers have not come
        self.loan = 0  # how often it was lent

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def begin(self, words: str) -> None:
        """Look for something else from now on."""
        self._say(words)

    def ask(self, words: str) -> None:
        """Ask for the lines of a part."""
        self.asked += 1
        self._say(words)

    def answer(self) -> array[int]:
        """The lines of the part that was asked for first of those without an answer."""
        stdout, found = self._process.stdout, array("I")
        assert stdout is not None
        found.fromfile(stdout, 1)
        count = found.pop()
        found.fromfile(stdout, count)
        self.asked -= 1
        return found

    def finish(self) -> bool:
        """Take all answers that are still to come; False where it has ended instead."""
        try:
            while self.asked:
                self.answer()
        except (OSError, EOFError):
            return False
        return True

    def end(self) -> None:
        """End it, whatever it does; whoever waits for an answer gets none."""
        self._process.kill()

    def bury(self) -> None:
        """End it, and leave nothing of it."""
        self.end()
        self._process.communicate()

    def _say(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n".encode())
        self._process.stdin.flush()


class Sifters:
    """Lends processes to searches. One whose search never ends is ended, and another one starts when it is needed."""

    def __init__(self) -> None:
        self._idle: list[Process] = []
        self._lent: set[Process] = set()
        self._count = 0  # with those that are just being started
        self._changed = threading.Condition()

    def warm(self) -> None:
        """Have processes ready before anybody searches; returns at once."""
        threading.Thread(target=self._warm, name="warming", daemon=True).start()

    def _warm(self) -> None:
        while self._may_start(KEPT):
            self.give_back(self._started())

    def lend(self) -> Process:
        """One that nobody else has, where there is one within a moment; else a new one."""
        with self._changed:
            self._changed.wait_for(lambda: self._idle or self._count < KEPT, PATIENCE_S)
            while self._idle:
                process = self._idle.pop()
                if process.alive:
                    self._lent.add(process)
                    return process
                self._count -= 1
            self._count += 1
        return self._started()

    def _may_start(self, most: int) -> bool:
        with self._changed:
            may = self._count < most
            self._count += may
            return may

    def _started(self) -> Process:
        """A new one, which is counted already."""
        try:
            process = Process()
        except OSError:
            with self._changed:
                self._count -= 1
            raise
        with self._changed:
            self._lent.add(process)
        return process

    def hurry(self, process: Process) -> None:
        """Nobody waits any more for what a process that is lent was asked: it has a moment to come to an end."""
        giving_up = threading.Timer(GIVE_UP_S, self._give_up, (process, process.loan))
        giving_up.daemon = True
        giving_up.start()

    def _give_up(self, process: Process, loan: int) -> None:
        with self._changed:
            if process.loan == loan:
                process.end()

    def give_back(self, process: Process) -> None:
        """Whoever had it asks no more; answers that are still to come are waited for here."""
        if process.asked:
            self.hurry(process)
        finished = process.finish()
        with self._changed:
            process.loan += 1
            self._lent.discard(process)
            keep = finished and process.alive and self._count <= KEPT
            if keep:
                self._idle.append(process)
            self._count -= not keep
            self._changed.notify_all()
        if not keep:
            process.bury()

    def close(self) -> None:
        """End all of them."""
        with self._changed:
            for process in (*self._idle, *self._lent):
                process.end()


SIFTERS = Sifters()
atexit.register(SIFTERS.close)


def path_of(file: int) -> str:
    """Where another process finds a file that this one has open, even where it was deleted meanwhile."""
    return f"/proc/{os.getpid()}/fd/{file}"
