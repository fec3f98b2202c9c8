"""What the watchdog of a machine has told the cloud: what it sees, what it will do when, and a notice of preemption."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

WHERE = "footplate/watchdog"  # among the guest's attributes, as vmops/watchdog.py writes it
SILENT_S = 180.0  # it tells something every minute


@dataclass(frozen=True)
class Watched:
    """A machine as its own watchdog sees it; times in seconds since 1970, None where nothing is to come.

    Attributes:
        busy: who uses the machine: runs, ssh logins, a GPU at work.
        stops_at: when it stops itself, should nobody come.
        ends_at: when it asks for checkpoints and stops, since its limit is near.
        deletes_at: when it deletes itself, should nobody come.
        asked: folders of runs that were asked for a checkpoint.
        problems: what is wrong with watching.
    """

    at: float
    busy: tuple[str, ...] = ()
    idle_since: float | None = None
    stops_at: float | None = None
    ends_at: float | None = None
    deletes_at: float | None = None
    preempted_at: float | None = None
    asked: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def of_text(text: str) -> Watched | None:
    """What was told; None where it is nothing that a watchdog of ours would say."""
    try:
        raw = json.loads(text)
        return Watched(
            at=float(raw["at"]),
            busy=_words(raw.get("busy")),
            idle_since=_time(raw.get("idle_since")),
            stops_at=_time(raw.get("stops_at")),
            ends_at=_time(raw.get("ends_at")),
            deletes_at=_time(raw.get("deletes_at")),
            preempted_at=_time(raw.get("preempted_at")),
            asked=_words(raw.get("asked")),
            problems=_words(raw.get("problems")),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def lines(seen: Watched | None, now: float) -> list[str]:
    """The same in words; what matters most comes first."""
    if seen is None:
        return ["no watchdog has said anything: the first run here puts one in place"]
    return [*_said(seen, now)]


def _said(seen: Watched, now: float) -> Iterator[str]:
    if seen.preempted_at is not None:
        runs = ", ".join(path.rpartition("/")[2] for path in seen.asked) or "no run"
        yield f"! notice at {_clock(seen.preempted_at)}: the cloud takes it back; asked for a checkpoint: {runs}"
    if now - seen.at > SILENT_S:
        yield f"! it has said nothing since {_clock(seen.at)}: nobody may be watching there"
    yield (
        f"in use: {', '.join(seen.busy)}"
        if seen.busy
        else f"idle since {_clock(seen.idle_since)}: no run, login or GPU"
    )
    if not seen.busy and seen.preempted_at is None:
        yield from _to_come("stops itself", seen.stops_at, now)
        yield from _to_come("deletes itself", seen.deletes_at, now)
    yield from _to_come("its limit: stops", seen.ends_at, now)
    yield from (f"! {problem}" for problem in seen.problems)


def _to_come(what: str, at: float | None, now: float) -> Iterator[str]:
    if at is not None:
        minutes = max(0, round((at - now) / 60))
        left = f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
        yield f"{what} in {left}, at {_clock(at)}"


def _clock(at: float | None) -> str:
    return "?" if at is None else time.strftime("%d.%m. %H:%M", time.localtime(at))


def _words(value: Any) -> tuple[str, ...]:
    """Texts from elsewhere, each on one line and without what moves a cursor."""
    given = value if isinstance(value, list) else []
    return tuple("".join(letter for letter in str(one)[:300] if letter.isprintable()) for one in given)


def _time(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and 0 <= value < 1e11 else None
