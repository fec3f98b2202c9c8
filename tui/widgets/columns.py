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
    """A column: at least `width` cells, as many as its content needs up to `most`, and `flex` shares of what is left.

    Where there is no room for all, the lowest `keep` goes first. A `letter` is the key by which one sorts by it.
    """

    key: str
    label: str
    width: int
    flex: int = 0
    keep: int = 9
    right: bool = False
    letter: str = ""
    most: int = 0

    @property
    def title(self) -> str:
        """Its label, in which the letter that sorts by it is the only capital."""
        small = self.letter.lower()
        if not small:
            return self.label
        return self.label.replace(small, self.letter, 1) if small in self.label else f"{self.label} {self.letter}"


def fit(columns: Sequence[Column], width: int, content: Sequence[int] = ()) -> list[tuple[int, int]]:
    """The columns for which there is room, as (index, width) from left to right; `content` is what each could use."""
    chosen = list(range(len(columns)))
    while len(chosen) > 1 and _needed(columns, chosen) > width:
        # The rightmost of equals goes first: what stands on the left names the row.
        chosen.remove(min(reversed(chosen), key=lambda index: columns[index].keep))
    widths = {index: columns[index].width for index in chosen}
    spare = max(0, width - _needed(columns, chosen))
    for index in chosen if content else ():
        more = min(spare, max(0, min(content[index], columns[index].most) - widths[index]))
        widths[index], spare = widths[index] + more, spare - more
    shares = sum(columns[index].flex for index in chosen)
    return [(index, _width(widths[index], columns[index], spare, shares, width)) for index in chosen]


def _needed(columns: Sequence[Column], chosen: Sequence[int]) -> int:
    return sum(columns[index].width for index in chosen) + GAP * (len(chosen) - 1)


def _width(width: int, column: Column, spare: int, shares: int, most: int) -> int:
    extra = spare * column.flex // shares if shares else 0
    return max(0, min(width + extra, most))


def drawn(cell: Cell, width: int, right: bool) -> str:
    """A cell in exactly `width` cells of the screen."""
    room = width - cell_len(cell.text) - 1
    if cell.part is None or room < 3:
        return padded(cell.text, width, right)
    return f"{bar(cell.part, room)} {cell.text}"


def padded(text: str, width: int, right: bool) -> str:
    """The text in exactly `width` cells, cut with an ellipsis where it is longer."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else "·" for sign in text)  # nothing that would move the cursor
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width else ""
    space = " " * (width - length)
    return space + text if right else text + space
