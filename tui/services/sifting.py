"""Looking for lines in processes of their own, two at a time; what they find comes in the order of the file."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from tui.services.logindex import Index, Part
from tui.sieve import Sieve

SCRIPT = Path(__file__).with_name("sift.py")
MANY = 4 << 20  # bytes from which on a second process is worth its start
AHEAD = 4  # parts that a process is asked for before it has answered
HALF = 1 << 16  # bytes of a line without an end that are looked at
WHY_ENDED = "the search ended: this expression takes too long, or there was no memory for it"


class Sifter:
    """The lines of a file that pass a sieve; `go_on` after the file has grown, `close` when nobody asks any more.

    `tell` is called from a thread whenever more is known.
    """

    def __init__(self, index: Index, sieve: Sieve, tell: Callable[[], object]) -> None:
        self.lines = array("I")  # those that pass, of the first `covered` ones
        self.covered = 0
        self.half = -1  # the last line, where it has no end yet and passes
        self.fault = ""
        self._index, self._sieve, self._tell = index, sieve, tell
        self._closed = False
        self._given = self._half_given = 0  # up to here the file has been given out
        self._parts: Iterator[Part] = iter(())
        self._answers: dict[int, tuple[int, array[int]]] = {}
        self._changed = threading.Condition()
        self._processes: list[subprocess.Popen[bytes]] = []
        for _ in range(1 + (index.extent.size > MANY)):
            threading.Thread(target=self._work, name="sifting", daemon=True).start()

    @property
    def done(self) -> bool:
        """Whether all whole lines that are known have been looked at."""
        return self.covered >= self._index.extent.newlines or bool(self.fault)

    def go_on(self) -> None:
        """The file has grown."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Look no further; what is known stays."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for process in self._processes:
            process.kill()

    # --- in threads ----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(SCRIPT)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pass_fds=(self._index.file,),
        )  # fmt: skip
        with self._changed:
            self._processes.append(process)
        with process:
            try:
                self._ask(process, json.dumps({"sieve": self._sieve.plain(), "file": self._index.file}))
                self._ask_and_take(process)
            except (OSError, EOFError):
                self.fault = "" if self._closed else WHY_ENDED
            process.kill()
        if self.fault:
            self._tell()

    def _ask_and_take(self, process: subprocess.Popen[bytes]) -> None:
        """Ask for a few parts ahead of the answers, so that neither waits for the other."""
        asked = deque[Part]()
        while not self._closed:
            while len(asked) < AHEAD and (part := self._next(wait=not asked)) is not None:
                self._ask(process, f"{part.begin} {part.end} {part.first}")
                asked.append(part)
            if asked:
                self._take(asked.popleft(), self._answer(process))

    def _next(self, *, wait: bool) -> Part | None:
        """The next part to look at, now or as soon as there is one; None when it is closed."""
        with self._changed:
            while not self._closed:
                part = next(self._parts, None) or self._new_part()
                if part is not None or not wait:
                    return part
                self._changed.wait()
        return None

    def _new_part(self) -> Part | None:
        size, whole, newlines = self._index.extent
        if whole > self._given:
            self._parts = self._index.parts(self._given, whole)
            self._given = whole
            return next(self._parts, None)
        if size > max(whole, self._half_given):
            self._half_given = size
            return Part(max(whole, size - HALF), size, newlines, newlines)
        return None

    def _answer(self, process: subprocess.Popen[bytes]) -> array[int]:
        assert process.stdout is not None
        found = array("I")
        found.fromfile(process.stdout, 1)
        count = found.pop()
        found.fromfile(process.stdout, count)
        return found

    def _ask(self, process: subprocess.Popen[bytes], words: str) -> None:
        assert process.stdin is not None
        process.stdin.write(f"{words}\n".encode())
        process.stdin.flush()

    def _take(self, part: Part, found: array[int]) -> None:
        with self._changed:
            if part.stop > part.first:
                self._answers[part.first] = part.stop, found
            else:
                self.half = part.first if found else -1
            while (answer := self._answers.pop(self.covered, None)) is not None:
                self.lines.extend(answer[1])
                self.covered = answer[0]
        self._tell()
