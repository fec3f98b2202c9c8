"""What is wrong with how a screen is laid out, in words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, groupby

from textual.screen import Screen
from textual.widget import Widget

from tui.replayed import ReplayApp
from tui.screens.base import FootplateScreen


def faults(app: ReplayApp, text: str) -> list[str]:
    """Everything that overlaps, falls off, or is missing."""
    return [*_lines(app, text), *_frame(app, text), *_outside(app.screen), *_overlaps(app.screen)]


def _lines(app: ReplayApp, text: str) -> Iterator[str]:
    lines = text.splitlines()
    if len(lines) != app.size.height:
        yield f"{len(lines)} lines on a screen of {app.size.height}"
    yield from (f"line {n} is too long: {line!r}" for n, line in enumerate(lines, 1) if len(line) > app.size.width)


def _frame(app: ReplayApp, text: str) -> Iterator[str]:
    if isinstance(app.screen, FootplateScreen):
        first, last = text.splitlines()[0], text.splitlines()[-1]
        if not first.startswith(" REPLAY"):
            yield f"the first line is not the head: {first!r}"
        if "? help" not in last and "esc" not in last:
            yield f"the last line is not the footer: {last!r}"


def _visible(screen: Screen[object]) -> list[Widget]:
    return [widget for widget in screen.query("*") if widget.is_on_screen and widget.region.area and _shown(widget)]


def _shown(widget: Widget) -> bool:
    return all(isinstance(node, Widget) and node.display and node.visible for node in widget.ancestors_with_self[:-1])


def _outside(screen: Screen[object]) -> Iterator[str]:
    for widget in _visible(screen):
        scrolls = any(isinstance(node, Widget) and node.is_scrollable for node in widget.ancestors)
        if not scrolls and not screen.region.contains_region(widget.region):
            yield f"{widget!r} is outside: {widget.region}"


def _overlaps(screen: Screen[object]) -> Iterator[str]:
    """Siblings of one layer that share a cell."""
    siblings = sorted(_visible(screen), key=lambda widget: id(widget.parent))
    for _parent, family in groupby(siblings, key=lambda widget: id(widget.parent)):
        for one, other in combinations(family, 2):
            if one.layer == other.layer and one.region.intersection(other.region).area:
                yield f"{one!r} {one.region} overlaps {other!r} {other.region}"
