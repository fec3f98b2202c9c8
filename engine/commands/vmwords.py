"""What the verbs of machines and their money have in common: names in cells, sentences in 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from engine.commands.verb import Asked, Table

NAME_CELLS = 24


def shown(asked: Asked, rows: Table) -> str:
    """A table that has other words around it, in columns or as --plain wants it."""
    return rows.plain() if asked.plain else str(rows)


def harmless(text: str) -> str:
    """A text that moves no cursor: what somebody wrote may hold any sign."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def clipped(text: str) -> str:
    """A name, which may have 63 letters, in a cell."""
    name = harmless(text)
    return name if len(name) <= NAME_CELLS else f"{name[: NAME_CELLS - 1]}…"


def folded(lines: Iterable[str]) -> Iterable[str]:
    """Sentences over as many lines as they need; a table stays as it is."""
    for line in lines:
        yield line if "\n" in line else "\n".join(textwrap.wrap(line, 79, subsequent_indent="  "))
