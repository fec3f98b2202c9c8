"""Values as words, the same in commands and on screens."""

from __future__ import annotations

from engine.progress import remaining
from engine.status import Status


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


def size(count: float) -> str:
    """Bytes in the largest binary unit that is at least one: 812 B, 4.2 KiB, 89.9 MiB."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def progress(status: Status) -> str:
    """`12/45 folds 27% 1m 10s left`, or as much of it as is known."""
    if not status.active or not status.done:
        return ""
    if not status.total:
        return f"{status.done} {status.unit}".rstrip()
    left = remaining(status)
    share = f"{status.done}/{status.total} {status.unit} {100 * status.done // status.total}%".replace("  ", " ")
    return share + (f" {duration(left)} left" if left else "")


def headline(status: Status) -> str:
    """The first result of a run; where it names several variables, the same result of each."""
    if not status.metrics or status.active:
        return ""
    name, value = next(iter(status.metrics.items()))
    return f"{name} {value:.4g}"


def criteria(status: Status) -> str:
    """`2/3`: how many success criteria passed."""
    if not status.criteria:
        return ""
    return f"{sum(1 for entry in status.criteria if entry.passed)}/{len(status.criteria)}"
