"""The gate: the only way in which the screens change anything outside, and the log of what went through it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from engine.errors import FootplateError
from engine.workspace import Workspace
from vmops.errors import OutsideError

T = TypeVar("T")
KEPT = 1000
SAME_AMONG = 64  # lines among which an equal look is sought
LOOKS = (".get", ".list", ".aggregatedList", ".wait")


class ReadOnlyError(FootplateError):
    """Something would be changed where nothing may be."""


@dataclass(frozen=True)
class Call:
    """Something that was asked: when, what, for how long it took, and what came of it."""

    at: float  # seconds since 1970
    what: str
    seconds: float
    said: str
    ok: bool = True
    look: bool = False  # whether it is asked again and again, and changes nothing


class Gate:
    """Changes of one workspace; where it is closed, each of them is refused, whatever key asked for it."""

    def __init__(self, workspace: Workspace, closed: str = "") -> None:
        self.workspace = workspace
        self.closed = closed  # why nothing may be changed; empty where it may
        self.calls: deque[Call] = deque(maxlen=KEPT)
        self.ends: list[Callable[[], None]] = []  # processes that are to end with the screens

    def change(self, what: str, do: Callable[[], T]) -> T:
        """Do something that changes something outside; `what` is told in the command log.

        Raises:
            ReadOnlyError: nothing may be changed.
        """
        if self.closed:
            self._note(time.time(), what, 0.0, f"refused: {self.closed}", ok=False)
            raise ReadOnlyError(f"{what}: refused, {self.closed}", hint="open Footplate without it to change things")
        return self._timed(what, do)

    def look(self, what: str, do: Callable[[], T]) -> T:
        """Ask something outside that is worth a line in the log, and changes nothing."""
        return self._timed(what, do)

    def told(self, what: str, seconds: float, said: str, *, ok: bool) -> None:
        """Keep a line of something that another process has asked for us, now that it was answered.

        What is asked again and again has one line, that of the last time, or nothing else would be found here.
        """
        look = what.partition(" ")[0].endswith(LOOKS)
        if ok:
            self._forget(what)
        self.calls.append(Call(time.time() - seconds, what, seconds, said, ok, look))

    def _forget(self, what: str) -> None:
        """Drop the line of the same question from among the looks that were the last thing asked."""
        newest = list(self.calls)[: -SAME_AMONG - 1 : -1]  # a copy: others note lines meanwhile
        for place, call in enumerate(newest):
            if call.ok and call.what == what and (call.look or not place):
                with suppress(ValueError):
                    self.calls.remove(call)
                return
            if not (call.ok and call.look):
                return

    def end(self) -> None:
        """The screens are left: end what was started for them alone."""
        self.closed = self.closed or "the screens are left"
        for end in self.ends:
            end()

    def failed(self, what: str, why: str) -> None:
        """Keep a line of something that went wrong, and of which whoever is at the screen is not told the name."""
        self._note(time.time(), what, 0.0, why, ok=False)

    def _timed(self, what: str, do: Callable[[], T]) -> T:
        at, began = time.time(), time.perf_counter()
        try:
            result = do()
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            said = error.message if isinstance(error, FootplateError | OutsideError) else said
            self._note(at, what, time.perf_counter() - began, said, ok=False)
            raise
        self._note(at, what, time.perf_counter() - began, result if isinstance(result, str) else "done")
        return result

    def _note(self, at: float, what: str, seconds: float, said: str, *, ok: bool = True) -> None:
        self.calls.append(Call(at, what, seconds, said, ok))
