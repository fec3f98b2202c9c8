"""What may come between a run and its machine."""

from __future__ import annotations

from engine.errors import FootplateError


class Taken(FootplateError):
    """The machine of a run is not there any more: taken back, stopped, or deleted.

    Attributes:
        for_good: whether it is deleted, its disk with it.
        meant: whether somebody here asked for that, so that it is not undone by itself.
    """

    def __init__(self, message: str, *, hint: str = "", for_good: bool = False, meant: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.for_good = for_good
        self.meant = meant


class Lost(FootplateError):
    """The machine is there, but the processes of the run have gone without a word."""
