"""Values as words, the same in commands and on screens."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from engine.progress import remaining
from engine.status import Status
from vmops.files import size as size

HEADLINES = ("accuracy", "f1", "score", "alpha", "auc", "loss", "error", "mean_confidence")
COUNTED = ("videos",)  # what a run without any of these has done, which says more than how fast
BEFORE = "_before"


def ago(seconds: float) -> str:
    """How long ago, in the largest unit that is at least one: 42s, 7m, 3h, 2d."""
    for unit, letter in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= unit:
            return f"{seconds // unit:.0f}{letter}"
    return f"{max(seconds, 0):.0f}s"


def duration(seconds: float) -> str:
    """How long, in the two largest units: 9.4s, 3m 07s, 2h 05m, 6d 12h."""
    if seconds < 60:
        return f"{seconds:.1f}s" if seconds < 10 else f"{seconds:.0f}s"
    for big, small, names in ((86400, 3600, "dh"), (3600, 60, "hm"), (60, 1, "ms")):
        if seconds >= big:
            return f"{seconds // big:.0f}{names[0]} {seconds % big // small:02.0f}{names[1]}"
    raise AssertionError(seconds)


def number(value: float) -> str:
    """About four digits that matter, aligned where values are compared: 0.712, 1.500, 15,230, 1.2e-05, nan."""
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e9:
        return f"{int(value):,}"
    if not 1e-3 <= abs(value) < 1e6:
        return f"{value:.3g}"
    return f"{value:,.{3 if abs(value) < 10 else 2 if abs(value) < 100 else 1}f}"


def progress(status: Status) -> str:
    """`12/45 folds 27% 1m 10s left`, or as much of it as is known."""
    if not status.active or not status.done:
        return ""
    if not status.total:
        return f"{status.done} {status.unit}".rstrip()
    left = remaining(status)
    share = f"{status.done}/{status.total} {status.unit} {100 * status.done // status.total}%".replace("  ", " ")
    return share + (f" {duration(left)} left" if left else "")


def elsewhere(status: Status) -> str:
    """How far a run is, and on which machine; of a link that is not simply there also how it stands."""
    words = progress(status)
    if not status.machine or not status.tended:
        return words
    how = "" if status.link == "connected" else f": {status.link}"
    return f"{words} on {status.machine}{how}".lstrip()


def headline(metrics: Mapping[str, float], wanted: Sequence[str] = ()) -> str:
    """The name of the number to show first: one that a criterion asks for, else one that is known to matter."""
    names = [name for name in metrics if not _earlier(name, metrics)]
    for name in wanted:
        if name in metrics:
            return name
    for word in HEADLINES:
        for name in names:
            if word in name.lower():
                return name
    return next((name for name in (*COUNTED, *names) if name in metrics), "")


def results(metrics: Mapping[str, float]) -> dict[str, str]:
    """Each number as words; `x_before` and `x` are told together: 0.278 → 0.537."""
    return {name: _result(name, metrics) for name in metrics if not _earlier(name, metrics)}


def _earlier(name: str, metrics: Mapping[str, float]) -> bool:
    return name.endswith(BEFORE) and name.removesuffix(BEFORE) in metrics


def _result(name: str, metrics: Mapping[str, float]) -> str:
    before = metrics.get(name + BEFORE)
    now = number(metrics[name])
    return now if before is None else f"{number(before)} → {now}"


def criteria(status: Status) -> str:
    """`2/3`: how many success criteria passed."""
    if not status.criteria:
        return ""
    return f"{sum(1 for entry in status.criteria if entry.passed)}/{len(status.criteria)}"
