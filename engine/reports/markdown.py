"""A report as Markdown: each number is a link to its origin, with all its digits as the link's title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from engine.reports.document import Block, Cell, Code, Heading, Paragraph, Part, Table
from engine.reports.number import Number

SAFE = "/:#~-._"  # what stays as it is in the target of a link


def text(blocks: Sequence[Block]) -> str:
    """The whole report."""
    return "\n\n".join(_block(block) for block in blocks) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {_escaped(block.text)}"
    if isinstance(block, Paragraph):
        return _cell(block.parts)
    if isinstance(block, Table):
        rows = [block.head, [["---"]] * len(block.head), *block.rows]
        return "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows)
    return f"![{_escaped(block.about)}]({quote(block.file)})"


def _cell(parts: Cell) -> str:
    return "".join(_part(part) for part in parts)


def _part(part: Part) -> str:
    if isinstance(part, Code):
        return f"`{part.text.replace('`', chr(39)).replace('|', chr(92) + '|')}`"
    if isinstance(part, Number):
        return f'[{part.text}]({quote(str(part.origin), safe=SAFE)} "{part.exact}")'
    return part if part == "---" else _escaped(part)


def _escaped(words: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(words.split("\n")))
