"""Which key stands for which label: a row of letters a variable, in the order of the codebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.annotations.decision import CANT_TELL
from tui.actions import BY_ID, Action

Codebook = Mapping[str, Sequence[str]]  # labels by variable, in their order
ROWS = {1: ("label_home",), 2: ("label_upper", "label_home")}
ALL_ROWS = ("label_upper", "label_home", "label_lower")


def choices(labels: Sequence[str]) -> tuple[str, ...]:
    """What a coder can say of a variable; last, that it cannot be told."""
    return (*labels, CANT_TELL)


def keys(codebook: Codebook, of: Callable[[Action], Sequence[str]]) -> dict[tuple[str, str], str]:
    """The key of each label of each variable; what has none is chosen out of the list.

    A fourth variable takes what the first has left of its row.
    """
    rows = ROWS.get(len(codebook), ALL_ROWS)
    left = {row: list(of(BY_ID[row])) for row in rows}
    found: dict[tuple[str, str], str] = {}
    for place, (variable, labels) in enumerate(codebook.items()):
        row = left[rows[place % len(rows)]]
        for label in choices(labels):
            if row:
                found[variable, label] = row.pop(0)
    return found
