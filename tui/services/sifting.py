"""Looking for lines in other processes, two at a time; what they find comes in the order of the file."""

from __future__ import annotations

import json
import threading
from array import array
from collections import deque
from collections.abc import Callable, Iterator

from tui.services.logindex import Index, Part
from tui.services.sifters import SIFTERS, Process, path_of
from tui.sieve import Sieve

MANY = 4 << 20  # bytes from which on a second process is quicker than one alone
PART = 1 << 19  # bytes that a process is asked for at once
AHEAD = 3  # parts that a process is asked for before it has answered
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
        self._processes: set[Process] = set()  # that it has now
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
                SIFTERS.hurry(process)

    # --- in threads ----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while not self.fault and (part := self._next(wait=True)) is not None:
            try:
                self._look(part)
            except (OSError, EOFError):
                self.fault = "" if self._closed else WHY_ENDED
        if self.fault:
            self._tell()

    def _look(self, part: Part) -> None:
        """Have a process look at a part, and at what follows as long as there is more."""
        process = SIFTERS.lend()
        try:
            with self._changed:
                self._processes.add(process)
            process.begin(json.dumps({"sieve": self._sieve.plain(), "file": path_of(self._index.file)}))
            self._ask_and_take(process, part)
        finally:
            with self._changed:
                self._processes.discard(process)
            SIFTERS.give_back(process)

    def _ask_and_take(self, process: Process, part: Part | None) -> None:
        """Ask for a few parts ahead of the answers, so that neither waits for the other."""
        asked = deque[Part]()
        while not self._closed and (part is not None or asked):
            if part is not None:
                process.ask(f"{part.begin} {part.end} {part.first}")
                asked.append(part)
            if part is None or len(asked) == AHEAD:
                self._take(asked.popleft(), process.answer())
            part = self._next(wait=False)

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
            self._parts = self._index.parts(self._given, whole, PART)
            self._given = whole
            return next(self._parts, None)
        if size > max(whole, self._half_given):
            self._half_given = size
            return Part(max(whole, size - HALF), size, newlines, newlines)
        return None

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
