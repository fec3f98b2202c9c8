"""What goes wrong outside: each error says what happened, to what, and what to do.

OutsideError
├── NotFound      there is no such object
├── Refused       what was asked is wrong, and nobody outside was asked
├── Conflict      somebody else has written since it was read: read again, then write
├── Unavailable   not now: worth another try, or somebody has to connect, mount or log in
│   ├── StockOut       no machine of this kind is to be had in these zones now
│   └── NotReady       it is in the middle of something else
├── Denied        not allowed, which another try does not change
│   ├── NoCredentials  nobody has logged in to the cloud here
│   ├── Quota          the project may not use so much
│   └── OverBudget     it would cost more than was settled
└── Broken        an answer that nobody expected
"""

from __future__ import annotations


class OutsideError(Exception):
    """Something that is said to the user in words; `hint` says what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotFound(OutsideError):
    """There is no such object."""


class Conflict(OutsideError):
    """The object is another one than the writer believed."""


class Unavailable(OutsideError):
    """The place cannot be reached now."""


class Denied(OutsideError):
    """Not allowed."""


class Refused(OutsideError):
    """What was asked is wrong."""


class StockOut(Unavailable):
    """No machine of this kind is to be had in these zones now."""


class NotReady(Unavailable):
    """It is in the middle of something else."""


class NoCredentials(Denied):
    """Nobody has logged in to the cloud here."""


class Quota(Denied):
    """The project may not use so much."""


class OverBudget(Denied):
    """It would cost more than was settled."""


class Broken(OutsideError):
    """The other side said something that nobody expected."""
