"""What happened, as it is told inside the TUI; services post these from their threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from engine.events import Event
    from engine.points import Block
    from engine.run import Status
    from engine.telling import Telling
    from tui.entries import Entry


@dataclass
class RunsChanged(Message):
    """The list of runs, newest first, is not what it was."""

    entries: Sequence[Entry]


@dataclass
class EventsArrived(Message):
    """A run has said something; `afresh` where this is all that it has said, and what was told before is not so.

    `block` holds the same with the points of curves apart, where it was read so, which is quicker.
    """

    run_id: str
    events: Sequence[Event]
    afresh: bool = False
    block: Block | None = None


@dataclass
class StatusChanged(Message):
    """A run's status is not what it was."""

    run_id: str
    status: Status


@dataclass
class LogGrew(Message):
    """There are now `count` lines in a run's log; `afresh` where the file was cut or replaced."""

    run_id: str
    count: int
    afresh: bool = False


@dataclass
class RunGone(Message):
    """A run's folder is not where it was."""

    run_id: str
    words: str


@dataclass
class ServiceFailed(Message):
    """Something in the background went wrong; it is tried again until it goes well."""

    what: str
    why: str
    what_to_do: str


@dataclass
class ServiceRecovered(Message):
    """Something in the background goes well again."""

    what: str


@dataclass
class Told(Message):
    """Something that is worth telling has happened; what is `old` was so before anybody looked.

    `by_notice` says that a notice of the desktop would reach it, through whatever lies between.
    """

    new: Sequence[Telling] = ()
    old: Sequence[Telling] = ()
    by_notice: bool = False
