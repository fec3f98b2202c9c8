"""What comes back from a look into a file: plain values, that a screen shows and a recording keeps."""

from __future__ import annotations

from dataclasses import dataclass

from engine.look.picture import Pixels
from engine.look.tree import Node, Place
from engine.look.view import Arrangement


@dataclass(frozen=True)
class Page:
    """Some rows of a table: from the place `first` on, of `count` that fit, of `of` that are known in the file."""

    arranged: Arrangement
    columns: tuple[str, ...] = ()
    count: int = 0
    of: int = 0
    first: int = 0
    complete: bool = True
    numbers: tuple[int, ...] = ()  # of the rows in the file
    rows: tuple[tuple[str, ...], ...] = ()
    place: int = -1  # where the row stands around which was asked
    fault: str = ""  # what of the filter is passed over


@dataclass(frozen=True)
class Preview:
    """What a file shows; `words` says what is left out, or why nothing can be shown."""

    kind: str  # text, json, table, picture, nothing
    words: str = ""
    text: str = ""
    page: Page | None = None
    nodes: tuple[Node, ...] = ()
    pixels: Pixels | None = None
    part: str = ""  # which part of it this is; empty for all of it


@dataclass(frozen=True)
class Found:
    """Where a text stands in a document."""

    places: tuple[Place, ...] = ()
