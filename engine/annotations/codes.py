"""Codes as agreement wants them: coders by units, with what was not seen apart from what was left blank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.annotations.decision import BLANK, CANT_TELL, Decision, Unit
from engine.errors import DataError

BLANK_LABEL = "(blank)"


@dataclass(frozen=True)
class Codes:
    """One variable as all coders see it.

    Attributes:
        labels: those of the codebook in its order, and BLANK_LABEL after them where blank is read as one.
        rows: a row a coder and a cell a unit: a label; "" where it was saved with nothing chosen; CANT_TELL; None where
            it was not seen.
        videos: the video of each unit, since frames of a video share their difficulty.
        blanks: of each coder how many units are blank.
        cant_tell: of each coder how many units are "can't tell".
    """

    coders: list[str]
    units: list[Unit]
    rows: list[list[str | None]]
    videos: list[str]
    labels: list[str]
    blanks: dict[str, int]
    cant_tell: dict[str, int]


def codes(
    decisions: Iterable[Decision],
    variable: str,
    labels: Sequence[str],
    *,
    blank: Literal["missing", "label"] = "missing",
) -> Codes:
    """The codes of a variable out of the newest decisions, as `Log.newest` gives them.

    Args:
        labels: those of the codebook.
        blank: the two readings of a blank: as a code that is missing, "" in the rows, or as a label of its own. A
            "can't tell" is itself in both, for it is neither a label nor a blank.

    Raises:
        DataError: a value is none of the labels.
    """
    given = [one for one in decisions if one.variable == variable]
    _check(given, labels)
    read = {BLANK: BLANK_LABEL} if blank == "label" else {}
    cells = {(one.coder, one.unit): one.value for one in given}
    coders, units = sorted({one.coder for one in given}), sorted({one.unit for one in given})

    def cell(coder: str, unit: Unit) -> str | None:
        value = cells.get((coder, unit))
        return None if value is None else read.get(value, value)

    return Codes(
        coders,
        units,
        [[cell(coder, unit) for unit in units] for coder in coders],
        [unit.video_id for unit in units],
        [*labels, *([BLANK_LABEL] if blank == "label" else [])],
        _count(cells, coders, BLANK),
        _count(cells, coders, CANT_TELL),
    )


def _check(given: Iterable[Decision], labels: Sequence[str]) -> None:
    for one in given:
        if one.value not in (BLANK, CANT_TELL, *labels):
            where = f"{one.variable} of {one.unit.video_id}, frame {one.unit.frame_index}, by {one.coder}"
            raise DataError(f"{where}: {one.value!r}", hint=f"the codebook has: {', '.join(labels)}")


def _count(cells: dict[tuple[str, Unit], str], coders: list[str], value: str) -> dict[str, int]:
    return {coder: sum(name == coder and found == value for (name, _), found in cells.items()) for coder in coders}
