"""What becomes of a painted line on its way out: without colour, or without signs that nobody can read aloud."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as AnyColor
from textual.filter import LineFilter

from tui import theme


def _triplet(name: str) -> tuple[int, int, int]:
    return AnyColor.parse(name).rgb


_OWN = theme.NONE.variables
_INKS: dict[tuple[int, ...], Style] = {
    _triplet(_OWN["dim"]): Style(dim=True),
    _triplet(str(theme.NONE.error)): Style(bold=True),
}
_PAPERS: dict[tuple[int, ...], Style] = {
    _triplet(_OWN["cursor"]): Style(reverse=True),
    _triplet(str(theme.NONE.panel)): Style(reverse=True),
    _triplet(_OWN["scrollbar"]): Style(reverse=True),
    _triplet(_OWN["found"]): Style(underline=True),
    _triplet(_OWN["found-here"]): Style(reverse=True, bold=True),
}


class WithoutColour(LineFilter):
    """No colour, and no grey either, goes to the terminal; what a colour meant becomes bold, dim or reverse."""

    def apply(self, segments: list[Segment], background: AnyColor) -> list[Segment]:
        return [Segment(text, style and _without(style), control) for text, style, control in segments]


@lru_cache(1024)
def _without(style: Style) -> Style:
    ink, paper = _meaning(style.color, _INKS), _meaning(style.bgcolor, _PAPERS)
    return style.without_color + ink + paper


def _meaning(colour: Color | None, meanings: dict[tuple[int, ...], Style]) -> Style:
    return meanings.get(tuple(colour.triplet), Style.null()) if colour and colour.triplet else Style.null()


class Spoken(LineFilter):
    """Boxes, bars, blocks, braille and shapes become spaces, or signs that a screen reader says."""

    def apply(self, segments: list[Segment], background: AnyColor) -> list[Segment]:
        return [Segment(spoken(text), style, control) for text, style, control in segments]


# Box drawing, blocks and geometric shapes; braille.
_SIGNS = {code: " " for start, end in ((0x2500, 0x2600), (0x2800, 0x2900)) for code in range(start, end)}
_SIGNS |= {ord("▌"): ">", ord("▲"): "^", ord("▼"): "v", ord("·"): ","}


def spoken(text: str) -> str:
    """A text of the same width, of which every sign can be said."""
    return text if text.isascii() else text.translate(_SIGNS)
