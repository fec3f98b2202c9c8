"""What lies in a bucket, as rows and in words."""

from __future__ import annotations

import time

from engine.words import size
from tui.services.bucket import Stored
from tui.widgets.columns import Column
from tui.widgets.tones import Cell

COLUMNS = (
    Column("name", "name", 24, flex=1),
    Column("size", "size", 9, right=True),
    Column("at", "changed", 16, keep=6),
    Column("generation", "generation", 17, keep=3, right=True),
)


def row(key: str, prefix: str, stored: Stored | None) -> tuple[Cell, ...]:
    """A folder, or an object, without the folder in which one is."""
    name = key.removeprefix(prefix)
    if stored is None:
        return Cell(name, "accent"), Cell(""), Cell(""), Cell("")
    at = time.strftime("%Y-%m-%d %H:%M", time.localtime(stored.updated_at)) if stored.updated_at else ""
    return Cell(name), Cell(size(stored.size_bytes)), Cell(at, "dim"), Cell(str(stored.generation), "dim")


def place(url: str, prefix: str) -> str:
    """Where one is."""
    return f"{url.rstrip('/')}/{prefix}" if prefix else url


def above(prefix: str) -> str:
    """The folder that a folder lies in."""
    rest = prefix.rstrip("/").rpartition("/")[0]
    return f"{rest}/" if rest else ""
