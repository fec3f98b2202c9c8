"""How the columns of a table share its width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from tui.format import bar
from tui.widgets.tones import Cell

GAP = 2


@dataclass(frozen=True)
class Column:
    """A column: `width` cells; with room as many as its content could use up to `most`, and `flex` shares of the rest.

    Where there is no room for all, columns that are not `fixed` take no more than their content needs, and if that
    does not help, the one with the lowest `keep` goes. A `letter` is the key by which one sorts by it.
    """

    key: str
    label: str
    width: int
    flex: int = 0
    keep: int = 9
    right: bool = False
    letter: str = ""
    most: int = 0
    fixed: bool = False

    def needs(self, content: int) -> int:
        """How many cells it has at least, where the widest of what is in it takes so many; 0 where nobody knows."""
        if self.fixed or not content:
            return self.width
        return min(self.width, max(content, cell_len(self.title) + 1))

    @property
    def title(self) -> str:
        """Its label, in which the letter that sorts by it is the only capital."""
        small = self.letter.lower()
        if not small:
            return self.label
        return self.label.replace(small, self.letter, 1) if small in self.label else f"{self.label} {self.letter}"


def fit(columns: Sequence[Column], width: int, content: Sequence[int] = ()) -> list[tuple[int, int]]:
    """The columns for which there is room, as (index, width) from left to right; `content` is what each could use."""
    content = content or [0] * len(columns)
    widths = {index: column.width for index, column in enumerate(columns)}
    if _needed(widths) > width:
        widths = {index: column.needs(content[index]) for index, column in enumerate(columns)}
    while len(widths) > 1 and _needed(widths) > width:
        # The rightmost of equals goes first: what stands on the left names the row.
        del widths[min(reversed(widths), key=lambda index: columns[index].keep)]
    spare = max(0, width - _needed(widths))
    for index in widths:
        more = min(spare, max(0, min(content[index], columns[index].most) - widths[index]))
        widths[index], spare = widths[index] + more, spare - more
    shares = sum(columns[index].flex for index in widths)
    return [(index, _width(cells, columns[index], spare, shares, width)) for index, cells in widths.items()]


def _needed(widths: Mapping[int, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)


def _width(width: int, column: Column, spare: int, shares: int, most: int) -> int:
    extra = spare * column.flex // shares if shares else 0
    return max(0, min(width + extra, most))


def drawn(cell: Cell, width: int, right: bool) -> str:
    """A cell in exactly `width` cells of the screen."""
    room = width - cell_len(cell.text) - 1
    if cell.part is None or room < 3:
        return padded(cell.text, width, right)
    return f"{bar(cell.part, room)} {cell.text}"


def wide(text: str) -> int:
    """How many cells a text takes, each sign that cannot be seen one."""
    return cell_len(text) if text.isprintable() else cell_len(_visible(text))


def _visible(text: str) -> str:
    """The text with nothing in it that would move the cursor."""
    return "".join(sign if sign.isprintable() else "·" for sign in text)


def padded(text: str, width: int, right: bool) -> str:
    """The text in exactly `width` cells, cut with an ellipsis where it is longer."""
    if not text.isprintable():
        text = _visible(text)
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…" if width else ""
    space = " " * (width - length)
    return space + text if right else text + space
