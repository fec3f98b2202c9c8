"""How a frame of the queue stands by the log, and the words for what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.annotations.decision import REMARK, Decision
from engine.annotations.queue import Item


@dataclass(frozen=True)
class Standing:
    """A frame of the queue: what was decided of it, and how far the whole is."""

    place: int
    item: Item
    values: Mapping[str, str] = field(default_factory=dict)  # by variable; what is unseen is not in it
    flagged: bool = False
    note: str = ""
    done: int = 0
    of: int = 0
    complete: bool = False
    lost: int = 0  # frames that cannot be shown
    logged: frozenset[tuple[str, str]] = frozenset()  # what the log holds of it, by variable, flag and note too


@dataclass(frozen=True)
class Shown:
    """How a frame was seen when something was decided: for how long, and in which picture."""

    seconds: float
    how: str


class Taken(NamedTuple):
    """What was taken back: the frame that it was about, as it stands now, and words for it."""

    standing: Standing
    words: str


class Meanwhile(NamedTuple):
    """Somebody else has decided something of a frame since it was shown; nothing was saved."""

    standing: Standing
    words: str


def differing(shown: Standing, now: Standing) -> str:
    """What of a frame is otherwise than it was shown, in words."""
    names = dict.fromkeys(name for name, _ in sorted(shown.logged ^ now.logged))
    logged = dict(now.logged)
    return ", ".join("flag or note" if name == REMARK else _worded(name, logged.get(name)) for name in names)


def _worded(name: str, value: str | None) -> str:
    return f"{name} {'taken back' if value is None else value or 'blank'}"


def named(one: Decision) -> str:
    """What a decision says and of what, in words."""
    if one.variable != REMARK:
        return _worded(one.variable, one.value)
    return f"note {one.note!r}" if one.note else "flag" if one.flagged else "flag or note"


def said_by(one: Decision) -> str:
    """What a decision says: of a remark its flag and its note."""
    return f"{one.flagged:d} {one.note}" if one.variable == REMARK else one.value
