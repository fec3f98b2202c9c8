"""How the columns of a table share its width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from tui.format import bar
from tui.widgets.tones import Cell

GAP = 2


@dataclass(frozen=True)
class Column:
    """A column: at least `width` cells, and `flex` shares of what is left; the lowest `keep` goes first."""

    key: str
    label: str
    width: int
    flex: int = 0
    keep: int = 9
    right: bool = False


def fit(columns: Sequence[Column], width: int) -> list[tuple[int, int]]:
    """The columns for which there is room, as (index, width) from left to right."""
    chosen = list(range(len(columns)))
    while len(chosen) > 1 and _needed(columns, chosen) > width:
        # The rightmost of equals goes first: what stands on the left names the row.
        chosen.remove(min(reversed(chosen), key=lambda index: columns[index].keep))
    spare = max(0, width - _needed(columns, chosen))
    shares = sum(columns[index].flex for index in chosen)
    return [(index, _width(columns[index], spare, shares, width)) for index in chosen]


def _needed(columns: Sequence[Column], chosen: Sequence[int]) -> int:
    return sum(columns[index].width for index in chosen) + GAP * (len(chosen) - 1)


def _width(column: Column, spare: int, shares: int, most: int) -> int:
    extra = spare * column.flex // shares if shares else 0
    return max(0, min(column.width + extra, most))


def drawn(cell: Cell, width: int, right: bool) -> str:
    """A cell in exactly `width` cells of the screen."""
    room = width - cell_len(cell.text) - 1
    if cell.part is None or room < 3:
        return padded(cell.text, width, right)
    return f"{bar(cell.part, room)} {cell.text}"


def padded(text: str, width: int, right: bool) -> str:
    """The text in exactly `width` cells, cut with an ellipsis where it is longer."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width else ""
    space = " " * (width - length)
    return space + text if right else text + space
