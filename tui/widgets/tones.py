"""Tones: the few meanings that have a colour. Cells name one; the theme says what it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.style import Style
from textual.color import Color
from textual.widget import Widget

VARIABLES = {
    "dim": "dim",
    "accent": "accent",
    "good": "success",
    "warn": "warning",
    "bad": "error",
    "strong": "strong",
}


class Cell(NamedTuple):
    """A text with a tone; with a `part` from 0 to 1 it is a bar that fills its column, with the text behind it."""

    text: str
    tone: str = ""
    part: float | None = None


class Toned(Widget):
    """A widget that draws in tones."""

    _tones: dict[str, Style] | None = None

    def tone(self, name: str) -> Style:
        """The style of a tone, without a background of its own."""
        if self._tones is None:
            self._tones = styles(self.app.theme_variables)
        return self._tones[name]

    def notify_style_update(self) -> None:
        self._tones = None
        super().notify_style_update()


def styles(variables: Mapping[str, str]) -> dict[str, Style]:
    """The styles of all tones under a theme.

    They are looked up here and not declared as component classes, each of which would be a node of its own in every
    widget, and cost as much as a widget at the first paint.
    """
    found = {
        name: Style(color=Color.parse(variables[variable]).rich_color, bold=True if name == "strong" else None)
        for name, variable in VARIABLES.items()
    }
    return {"": Style.null(), **found}
