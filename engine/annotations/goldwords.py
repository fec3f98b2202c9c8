"""Words for what is not gold: why, with how many frames each, and how a frame with several labels is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.annotations.gold import NOTHING, ONE

LONGER = {ONE: "labelled by one coder only", NOTHING: "seen by one coder only, who gave no label"}
PARTS = "Of left out: a frame on which two labels stand counts one half for each of them, of three a third."


def reasons(counts: Iterable[tuple[str, int]]) -> Iterator[str]:
    """Each reason with its number behind it, so that a number never stands before a reason that begins with one."""
    return (f"{LONGER.get(why, why)}: {count}" for why, count in counts)


def parts(left_out: Iterable[float]) -> str:
    """What a part of a frame means; empty where all are whole."""
    return "" if all(abs(count - round(count)) < 1e-9 for count in left_out) else PARTS
