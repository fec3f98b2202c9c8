"""Codes as agreement wants them: coders by units, with what was not seen apart from what was left blank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.annotations.decision import BLANK, CANT_TELL, Decision, Unit
from engine.errors import DataError


@dataclass(frozen=True)
class Codes:
    """One variable as all coders see it.

    Attributes:
        rows: a row a coder and a cell a unit: a label; "" where it was seen and has none; None where it was not seen.
        videos: the video of each unit, since frames of a video share their difficulty.
        blanks: of each coder how many units are blank.
        cant_tell: of each coder how many units are "can't tell".
    """

    coders: list[str]
    units: list[Unit]
    rows: list[list[str | None]]
    videos: list[str]
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
        blank: how a blank is read: as a code that is missing (None), or kept as "", which may count as a label. A
            "can't tell" is never a label: it is read as a blank is, and counted apart.

    Raises:
        DataError: a value is none of the labels.
    """
    given = [one for one in decisions if one.variable == variable]
    for one in given:
        if one.value not in (BLANK, CANT_TELL, *labels):
            where = f"{variable} of {one.unit.video_id}, frame {one.unit.frame_index}, by {one.coder}"
            raise DataError(f"{where}: {one.value!r}", hint=f"the codebook has: {', '.join(labels)}")
    cells = {(one.coder, one.unit): one.value for one in given}
    coders, units = sorted({one.coder for one in given}), sorted({one.unit for one in given})
    nothing = None if blank == "missing" else ""
    read: dict[str | None, str | None] = {None: None, BLANK: nothing, CANT_TELL: nothing}

    def cell(coder: str, unit: Unit) -> str | None:
        value = cells.get((coder, unit))
        return read.get(value, value)

    return Codes(
        coders,
        units,
        [[cell(coder, unit) for unit in units] for coder in coders],
        [unit.video_id for unit in units],
        _count(cells, coders, BLANK),
        _count(cells, coders, CANT_TELL),
    )


def _count(cells: dict[tuple[str, Unit], str], coders: list[str], value: str) -> dict[str, int]:
    return {coder: sum(name == coder and found == value for (name, _), found in cells.items()) for coder in coders}
