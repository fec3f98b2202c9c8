"""A document of JSON as a tree: what is below a place in it, and where something stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import DataError
from engine.words import size

MOST_BYTES = 64 << 20  # a document takes about ten times its size in memory
MOST_FOUND = 1000
MOST_BELOW = 2000
LONGEST = 400
Step = str | int
Place = tuple[Step, ...]


@dataclass(frozen=True)
class Node:
    """A value at its place: its kind, how many values are in it, and what it says in a line."""

    place: Place
    kind: str  # object, array, text, number, word (true, false, null), more
    count: int = 0
    said: str = ""


def document(path: Path) -> Any:
    """What a file of JSON holds.

    Raises:
        DataError: it is too large, or no JSON.
    """
    length = path.stat().st_size
    if length > MOST_BYTES:
        raise DataError(f"{path.name}: {size(length)} of JSON are more than a look holds ({size(MOST_BYTES)})")
    try:
        return json.loads(path.read_text(encoding="utf-8", errors="replace"))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path.name}: not JSON: {error}") from None


def node(place: Place, value: Any) -> Node:
    """A value as a node."""
    if isinstance(value, dict | list):
        return Node(place, "object" if isinstance(value, dict) else "array", len(value))
    if isinstance(value, str):
        return Node(place, "text", said=json.dumps(value[:LONGEST], ensure_ascii=False) + "…" * (len(value) > LONGEST))
    return Node(place, "number" if type(value) in (int, float) else "word", said=json.dumps(value))


def below(whole: Any, place: Place) -> list[Node]:
    """What is directly below a place, as far as it is shown."""
    items = list(_items(at(whole, place)))
    found = [node((*place, step), value) for step, value in items[:MOST_BELOW]]
    return found + [Node((*place, "…"), "more", len(items) - MOST_BELOW)] * (len(items) > MOST_BELOW)


def at(whole: Any, place: Place) -> Any:
    """The value at a place; None where there is none."""
    for step in place:
        try:
            whole = whole[step]
        except (KeyError, IndexError, TypeError):
            return None
    return whole


def find(whole: Any, text: str) -> list[Place]:
    """The places whose key, or whose value, has a text in it, from top to bottom."""
    wanted, found = text.casefold(), list[Place]()
    stack: list[tuple[Place, Any]] = [((), whole)]
    while stack and len(found) < MOST_FOUND:
        place, value = stack.pop()
        if place and wanted in _told(place[-1], value).casefold():
            found.append(place)
        stack += [((*place, step), child) for step, child in reversed(list(_items(value)))]
    return found


def _told(step: Step, value: Any) -> str:
    key = step if isinstance(step, str) else ""
    return key if isinstance(value, dict | list) else f"{key} {value if isinstance(value, str) else json.dumps(value)}"


def _items(value: Any) -> Iterator[tuple[Step, Any]]:
    pairs: Sequence[tuple[Step, Any]] = list(value.items()) if isinstance(value, dict) else []
    return iter(pairs or (enumerate(value) if isinstance(value, list) else ()))
