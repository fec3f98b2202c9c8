"""A run in the foreground: its events as lines, its progress as one line that changes, ctrl-c as a request to stop."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from contextlib import suppress

from engine import events
from engine.errors import RunError
from engine.run import UNFOLLOWED, Run, request_stop
from engine.status import Status
from engine.words import duration, progress

POLL_S = 0.2
EXIT_CODES = {"done": 0, "stopped": 3, "preempted": 3}


def follow(run: Run, *, since: int = 0, quiet: bool = False) -> int:
    """Show a run, its events from an offset on, until it ends; the exit code that tells how."""
    view = _View(run, since, quiet)
    before = signal.signal(signal.SIGINT, view.interrupted)
    try:
        while view.update():
            time.sleep(POLL_S)
    finally:
        signal.signal(signal.SIGINT, before)
    return view.end()


class _View:
    def __init__(self, run: Run, since: int, quiet: bool) -> None:
        self.run, self.offset, self.quiet = run, since, quiet
        self.live = sys.stderr.isatty() and not quiet
        self.waiting, self.linked = "", ""
        self.interrupts, self.asked = 0, 0

    def update(self) -> bool:
        """Show what is new; False when the run has ended and all of it was shown."""
        self.ask_to_stop()
        status = self.run.status()  # before the events, so that the last ones are not missed
        if status.waiting_for != self.waiting:
            self.waiting = status.waiting_for
            self.line(f"waits for {self.waiting}" if self.waiting else "starts")
        self.tell_link(status)
        before = -1
        while self.offset != before:
            before = self.offset
            found, self.offset = events.read(self.run.events, self.offset)
            for event in found:
                self.show(event)
        if self.live:
            self.rewrite(f"{status.phase} {progress(status)}")
        return status.tended and status.link != UNFOLLOWED if status.machine else status.active

    def tell_link(self, status: Status) -> None:
        """A line when the link to the machine is another one."""
        if not status.machine:
            return
        words = status.link.partition(": ")[0]
        if words != self.linked and words:
            self.line(f"{status.machine}: {status.link}{f' ({status.link_hint})' if status.link_hint else ''}")
        self.linked = words

    def show(self, event: events.Event) -> None:
        match event:
            case events.Phase(name=name):
                self.line(f"== {name}")
            case events.Note(text=text, level=level):
                self.line(text if level == "info" else f"{level}: {text}")
            case events.Finding(name=name, text=text):
                self.line(f"{name}: {text}")
            case events.Flag(name=name, text=text):
                self.line(f"! {name}: {text}")
            case events.Artifact(name=name, about=about):
                self.line(f"made {name}: {about}")

    def end(self) -> int:
        status = self.run.status()
        took = duration((status.ended_at or time.time()) - (status.started_at or self.run.created_at))
        self.line(f"{status.state} after {took}")
        linked = status.machine and status.link and f"{status.machine}: {status.link}"
        linked_hint = status.link_hint and f"→ {status.link_hint}"
        for words in (status.error, status.hint and f"→ {status.hint}", linked, linked_hint):
            if words:
                self.line(f"  {words}")
        for entry in status.criteria:
            word = {True: "passed", False: "FAILED", None: "not measured"}[entry.passed]
            self.line(f"  {word}: {entry.name} {entry.wanted} (is {entry.value})")
        return EXIT_CODES.get(status.state, 1)

    def interrupted(self, _number: int, _frame: object) -> None:
        # Counted and not raised: a second ctrl-c in the middle of answering the first must not get lost.
        self.interrupts += 1
        if self.interrupts > 2:
            raise KeyboardInterrupt  # away from here, whatever the run does

    def ask_to_stop(self) -> None:
        """Answer each ctrl-c: the first asks, the second insists."""
        while self.asked < self.interrupts:
            insist = self.asked > 0
            self.asked += 1
            with suppress(RunError):  # it has just ended by itself
                request_stop(self.run, now=insist)
                self.line("ends now" if insist else "asked to stop at its next checkpoint; ctrl-c again ends it now")

    def line(self, text: str) -> None:
        if not self.quiet:
            self.rewrite("")
            print(text, file=sys.stderr, flush=True)

    def rewrite(self, text: str) -> None:
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{text[:width]}", end="", file=sys.stderr, flush=True)
