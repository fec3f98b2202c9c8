"""What a comparison on a few dozen frames allows one to say, in a sentence or two."""

from __future__ import annotations

from engine.stats.compare import Change, Interval, mcnemar

LEVEL = 0.05


def sentence(frames: int, folds: int, before: float, after: float, change: Change, interval: Interval) -> str:
    """Whether accuracy is better, by how much, and whether chance alone would explain it."""
    numbers = f"accuracy {before:.4f} → {after:.4f} on {frames} left-out frames"
    counts = f"{change.fixed} fixed, {change.broken} broken"
    spread = f"95 % interval of the difference {interval.low:+.3f} to {interval.high:+.3f}"
    return f"{_direction(before, after)}: {numbers} ({counts}; {spread}). {_certainty(frames, folds, change)}"


def certain(change: Change) -> bool:
    """Whether chance alone would hardly give such a change: p by folds below 0.05."""
    return change.fold_p < LEVEL


def needed(changed: int) -> int | None:
    """How many of the changed frames must be fixed for an exact p below 0.05; None where even all would not do."""
    for fixed in range((changed + 1) // 2, changed + 1):
        if mcnemar(fixed, changed - fixed)[0] < LEVEL:
            return fixed
    return None


def _direction(before: float, after: float) -> str:
    if after == before:
        return "Unchanged"
    return "Better" if after > before else "Worse"


def _certainty(frames: int, folds: int, change: Change) -> str:
    p = f"McNemar's exact p = {change.exact_p:.3g}, mid-p = {change.mid_p:.3g}"
    if folds < frames:
        p += f", by fold p = {change.fold_p:.3g}"
    if certain(change):
        return f"More than chance explains ({p})."
    return f"Too few for a verdict: {_too_few(frames, folds, change)} ({p})."


def _too_few(frames: int, folds: int, change: Change) -> str:
    changed = change.fixed + change.broken
    least = needed(changed)
    if least is None:
        return f"{changed} frames changed, and fewer than 6 can never give p < 0.05"
    if change.exact_p >= LEVEL:
        return f"of {changed} changed frames, {least} or more would have to go one way for p < 0.05"
    return f"the {frames} frames are of {folds} folds, within which they are alike"
