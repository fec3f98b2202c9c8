"""What may come between a run and its machine."""

from __future__ import annotations

from engine.errors import FootplateError


class Taken(FootplateError):
    """The machine of a run is not there any more: taken back, stopped, or deleted.

    Attributes:
        for_good: whether it is deleted, its disk with it.
        preempted: whether the cloud took it back, so that a run that is to be kept alive goes on by itself. Whatever
            else stopped it had a reason: somebody, a limit of time, the watchdog; that is not undone.
        runs: whether it is there again already, since somebody has started it.
    """

    def __init__(self, message: str, *, for_good: bool = False, preempted: bool = False, runs: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good
        self.preempted = preempted
        self.runs = runs


class Lost(FootplateError):
    """The machine is there, but the processes of the run have gone without a word."""
