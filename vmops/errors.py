"""What goes wrong outside: each error says what happened, to what, and what to do.

OutsideError
├── NotFound      there is no such object
├── Conflict      somebody else has written since it was read: read again, then write
├── Unavailable   not now: worth another try, or somebody has to connect, mount or log in
└── Denied        not allowed, which another try does not change
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
