"""What goes wrong outside: each error says what happened, to what, and what to do.

OutsideError
├── NotFound      there is no such object
│   └── Missing        a program that is needed is not installed there
├── Refused       what was asked is wrong, and nobody outside was asked
├── Conflict      somebody else has written since it was read: read again, then write
├── Unavailable   not now: worth another try, or somebody has to connect, mount or log in
│   ├── StockOut       no machine of this kind is to be had in these zones now
│   ├── NotReady       it is in the middle of something else
│   ├── Unreachable    a machine does not answer, or nobody knows its name
│   └── Cut            the connection ended in the middle
├── Denied        not allowed, which another try does not change
│   ├── NoCredentials  nobody has logged in to the cloud here
│   ├── Quota          the project may not use so much
│   ├── OverBudget     it would cost more than was settled
│   ├── HostKeyUnknown nobody has said that this is the machine
│   ├── HostKeyChanged it is another machine than it was
│   └── LoginRefused   the machine does not let us in
├── DiskFull      there is no space left on a disk, here or of a machine
├── Failed        a command that was run on a machine says that it failed
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
    """The project may not use so much; `region` is empty where the quota counts over all regions."""

    def __init__(self, message: str, *, hint: str = "", metric: str = "", region: str = "") -> None:
        super().__init__(message, hint=hint)
        self.metric = metric
        self.region = region


class OverBudget(Denied):
    """It would cost more than was settled."""


class Broken(OutsideError):
    """The other side said something that nobody expected."""


class Missing(NotFound):
    """A program that is needed is not installed there."""


class Unreachable(Unavailable):
    """A machine does not answer, or nobody knows its name."""


class Cut(Unavailable):
    """The connection ended in the middle."""


class DiskFull(OutsideError):
    """There is no space left on a disk, here or of a machine."""


class HostKeyUnknown(Denied):
    """Nobody has said yet that the machine which answers is the one that is meant."""


class HostKeyChanged(Denied):
    """The machine which answers is another one than it was."""


class LoginRefused(Denied):
    """The machine does not let us in."""


class Failed(OutsideError):
    """A command that was run on a machine says that it failed."""

    def __init__(self, message: str, *, hint: str = "", code: int = 1, said: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.said = said
