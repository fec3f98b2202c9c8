"""A run that lends its device to its children: it holds the device, and each child in turn finds it free.

A child stops when the process that lent it the device dies. Children are found again by whose they are and what they
were asked for, so a parent that was killed resumes the one that fell with it, and starts only those that never were.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from engine import launch
from engine.config import parse
from engine.errors import RunError
from engine.exec import LENDER
from engine.record import Recorder
from engine.run import Run, listing, request_stop
from engine.specs.distill import Distill

POLL_S = 0.2


class Family:
    """The children of a run that is at work."""

    def __init__(self, out: Recorder) -> None:
        self._out, self._parent = out, Run(out.folder)

    def done(self, spec: Distill, place: int, total: int) -> Run:
        """The child that was asked for this, when it has ended, however it ended; Stopped where we are to stop."""
        child = self._found(spec)
        if child is not None and child.status().active:  # its lender was killed: it is about to stop
            self._wait(child, place, total)
        with lent(self._out):
            if child is None:
                child = launch.child(self._out.workspace, self._parent.job, spec, self._parent)
            elif child.status().state != "done":
                launch.resume(self._out.workspace, child)
            self._out.note(f"{child.id}: {spec.title}")
            self._wait(child, place, total)
        return child

    def _found(self, spec: Distill) -> Run | None:
        for run in listing(self._out.workspace):
            if self._parent.id in run.parents() and run.job == self._parent.job and _asked(run) == spec:
                return run
        return None

    def _wait(self, child: Run, place: int, total: int) -> None:
        while (status := child.status()).active:
            if self._out.stopping:
                _stopped(child)
            self._out.progress(place, total, "runs", f"{status.title}: {status.phase or status.state}")
            time.sleep(POLL_S)
        self._out.progress(place + 1, total, "runs")
        self._out.checkpoint()


@contextmanager
def lent(out: Recorder) -> Iterator[None]:
    """What is started in this block finds the device of this run, and queues for no other."""
    names = {"FOOTPLATE_SLOTS": str(out.work / "slots"), "FOOTPLATE_CPU_SLOTS": "1", LENDER: str(os.getpid())}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _stopped(child: Run) -> None:
    """Ask a child to stop; it may have ended just now."""
    try:
        request_stop(child)
    except RunError:
        return


def _asked(run: Run) -> Distill:
    return parse(Distill, run.spec_text(), str(run.spec))
