"""A report as one HTML file: each number is a link with its origin, and pictures are inside."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from engine.reports.document import Block, Cell, Code, Heading, Paragraph, Part, Table
from engine.reports.number import Number

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2rem .6rem;text-align:left}"
    "a[data-origin]{color:inherit;text-decoration:underline dotted}img{max-width:100%}"
)
Link = Callable[[str], str]


def text(blocks: Sequence[Block], folder: Path, link: Link) -> str:
    """The whole report.

    Args:
        folder: where its pictures are.
        link: from the reference of a file to what a browser beside the report opens.
    """
    title = next((block.text for block in blocks if isinstance(block, Heading)), "report")
    body = "\n".join(_block(block, folder, link) for block in blocks)
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f"<!doctype html>\n<html><head>{head}</head><body>\n{body}\n</body></html>\n"


def _block(block: Block, folder: Path, link: Link) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{escape(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f"<p>{_cell(block.parts, link)}</p>"
    if isinstance(block, Table):
        head = _row(block.head, "th", link)
        return f"<table>\n{head}\n" + "\n".join(_row(row, "td", link) for row in block.rows) + "\n</table>"
    data = base64.b64encode((folder / block.file).read_bytes()).decode()
    return f'<img alt="{escape(block.about)}" src="data:image/png;base64,{data}">'


def _row(cells: Sequence[Cell], tag: str, link: Link) -> str:
    return f"<tr>{''.join(f'<{tag}>{_cell(cell, link)}</{tag}>' for cell in cells)}</tr>"


def _cell(parts: Cell, link: Link) -> str:
    return "".join(_part(part, link) for part in parts)


def _part(part: Part, link: Link) -> str:
    if isinstance(part, Code):
        return f"<code>{escape(part.text)}</code>"
    if not isinstance(part, Number):
        return escape(part)
    origin = escape(str(part.origin))
    target = escape(link(part.origin.file))
    return f'<a href="{target}" title="{origin}" data-origin="{origin}" data-value="{part.exact}">{part.text}</a>'
