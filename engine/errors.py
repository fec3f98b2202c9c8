"""The few errors of the engine; each says what happened, to what, and what to do.

FootplateError
├── AskError          what was asked is wrong (a spec, a key, an id): exit code 2
│   ├── SpecError     one or more faults in a spec, each with its place
│   └── RunError      no such run, or the run is in a state that does not allow it
├── WorkspaceError    the workspace is missing, unreadable or not writable: exit code 2
├── DataError         a table, picture, video or weights file is not what it has to be: exit code 1
├── DeviceError       the device that was asked for is not there: exit code 1
└── Stopped           not a fault: the run was asked to stop and has come to a checkpoint: exit code 3
"""

from __future__ import annotations


class FootplateError(Exception):
    """Something that is said to the user in words; `hint` says what to do about it."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  → {self.hint}" if self.hint else self.message


class AskError(FootplateError):
    """What was asked is wrong."""

    exit_code = 2


class SpecError(AskError):
    """Faults in a spec: all of them at once."""

    def __init__(self, faults: list[str], *, hint: str = "") -> None:
        super().__init__("\n".join(faults), hint=hint)
        self.faults = faults


class RunError(AskError):
    """No such run, or not now."""


class WorkspaceError(FootplateError):
    """The workspace is missing, unreadable or not writable."""

    exit_code = 2


class DataError(FootplateError):
    """Input is not what it has to be."""


class DeviceError(FootplateError):
    """The device that was asked for is not there."""


class Stopped(FootplateError):
    """The run was asked to stop; what was done so far is kept."""

    exit_code = 3
