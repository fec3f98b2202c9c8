"""A look into a file by its path: text, JSON, a table, a picture or a video, and never more of it than is shown.

All but plain text is read by processes of their own, so that neither its size nor what is in it is felt on the screen.
"""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path
from typing import Any

from engine.errors import DataError
from engine.look.files import kind
from engine.look.picture import Pixels
from engine.look.tree import Node
from engine.look.view import Arrangement
from engine.words import size
from tui.pages import Found, Page, Preview
from tui.services.looker import Gone, Looker, Outdated, looker

MOST_BYTES = 2 << 20
ROWS = 100  # rows that the first page holds
videos = Looker("engine.framing", tempfile.gettempdir(), tempfile.gettempdir(), "--readonly")


def close() -> None:
    """End the processes that look into files; they are started again with the next look."""
    looker.close()
    videos.close()


def preview(path: Path, width: int, height: int) -> Preview:
    """Look into a file; a picture is made to fit into so many cells."""
    try:
        path.open("rb").close()
    except OSError as error:
        return Preview("nothing", f"cannot be read: {error.strerror or error}")
    try:
        return _look(path, width, height)
    except Outdated:
        return Preview("nothing")
    except DataError as error:
        return _as_text(path, f"{error.message}{f'  → {error.hint}' if error.hint else ''}")


def _look(path: Path, width: int, height: int) -> Preview:
    match kind(path):
        case "picture":
            found = looker.ask("picture", path=str(path), width=width, height=height)
            return _pictured(found)
        case "video":
            return _pictured(_glance(path, width, height))
        case "table":
            return Preview("table", page=_rows(path, Arrangement(), 0, ROWS, -1))
        case "json":
            return Preview("json", size(path.stat().st_size), nodes=nodes(path, ()))
    return _as_text(path, "")


def _glance(path: Path, width: int, height: int) -> dict[str, Any]:
    try:
        found: dict[str, Any] = videos.ask("glance", path=str(path), width=width, height=2 * height)
    except Gone:
        hint = "pip install 'footplate[engine]' where that is not done; else the file may be damaged"
        raise DataError(f"{path.name}: the process that decodes videos has ended", hint=hint) from None
    return found


def _pictured(found: dict[str, Any]) -> Preview:
    pixels = Pixels(**{**found, "data": base64.b64decode(found["data"])})
    return Preview("picture", pixels.words, pixels=pixels)


def _as_text(path: Path, why: str) -> Preview:
    """What is in a file as text, where that is what it holds; `why` it is not shown as what its name says."""
    with path.open("rb") as file:
        data = file.read(MOST_BYTES)
    if b"\0" in data[:4096]:
        return Preview("nothing", why or f"binary, {size(path.stat().st_size)}: nothing to read here")
    rest = path.stat().st_size - len(data)
    words = f"the first {size(len(data))}; {size(rest)} more are not shown" if rest > 0 else ""
    return Preview("text", " · ".join(filter(None, (why, words))), data.decode("utf-8", "replace"))


# --- tables -------------------------------------------------------------------------------------------------------


def rows(path: Path, arranged: Arrangement, first: int, count: int, around: int) -> Page | None:
    """Rows of a table from a place on or around a row of the file; None where something newer was asked meanwhile."""
    try:
        return _rows(path, arranged, first, count, around)
    except Outdated:
        return None


def _rows(path: Path, arranged: Arrangement, first: int, count: int, around: int) -> Page:
    words = [arranged.filter, arranged.column, arranged.reverse]
    found = looker.ask("rows", path=str(path), arranged=words, first=first, count=count, around=around)
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}
    return Page(**{**values, "arranged": arranged, "rows": tuple(tuple(row) for row in found["rows"])})


def facts(path: Path, filter: str, column: int) -> str:  # noqa: A002
    """What there is to know of a column, in a line; empty where something newer was asked meanwhile."""
    try:
        return str(looker.ask("facts", path=str(path), arranged=[filter, None, False], column=column)["words"])
    except Outdated:
        return ""


# --- JSON ---------------------------------------------------------------------------------------------------------


def nodes(path: Path, place: tuple[str | int, ...]) -> tuple[Node, ...]:
    """What is directly below a place of a document."""
    return tuple(_node(found) for found in looker.ask("below", path=str(path), place=place))


def _node(found: dict[str, Any]) -> Node:
    return Node(**{**found, "place": tuple(found["place"])})


def find(path: Path, text: str) -> Found:
    """Where a text stands in a document."""
    try:
        return Found(tuple(tuple(place) for place in looker.ask("find", path=str(path), text=text)))
    except Outdated:
        return Found()
