"""What a report consists of, before it is Markdown or HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.reports.number import Number


@dataclass(frozen=True)
class Code:
    """A name that is shown as it is: an id, a key, a file."""

    text: str


Part = str | Code | Number
Cell = Sequence[Part]


@dataclass(frozen=True)
class Heading:
    """The title of the report (level 1) or of a part."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Words with numbers between them."""

    parts: Cell


@dataclass(frozen=True)
class Table:
    """Rows under a header."""

    head: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Picture:
    """A PNG file beside the report."""

    file: str
    about: str


Block = Heading | Paragraph | Table | Picture


def numbers(blocks: Sequence[Block]) -> list[Number]:
    """All numbers of a report, in order."""
    cells: list[Cell] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            cells.append(block.parts)
        elif isinstance(block, Table):
            cells += [*block.head, *(cell for row in block.rows for cell in row)]
    return [part for cell in cells for part in cell if isinstance(part, Number)]
