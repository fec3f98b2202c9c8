"""Pixels as lines of the terminal: two in a cell where there are colours, else signs, the denser the brighter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as Paper
from textual.filter import LineFilter
from textual.strip import Strip

RAMP = " .:-=+*#%@"
LEVELS = (0, 95, 135, 175, 215, 255)  # of a colour in the cube of 256
NEAREST = bytes(min(range(6), key=lambda level: abs(LEVELS[level] - value)) for value in range(256))
NO_STYLE = Style.null()
Rgb = tuple[int, int, int]


class PixelStrip(Strip):
    """A line whose sequences are made at once from its pixels, and its segments only where something covers it.

    Each cell has colours of its own, for which Rich and the filters of Textual need a hundred times as long.
    """

    __slots__ = ("_colors", "_made", "_tail")

    def __init__(self, colors: list[tuple[Rgb, Rgb]], sequences: str, tail: Segment) -> None:
        self._colors, self._tail = colors, tail
        super().__init__([], len(colors) + len(tail.text))
        self._made: list[Segment] | None = None
        self._render_cache = sequences

    @property
    def _segments(self) -> list[Segment]:
        if self._made is None:
            self._made = [*(Segment("▀", _style(*pair)) for pair in self._colors), self._tail]
        return self._made

    @_segments.setter
    def _segments(self, segments: list[Segment]) -> None:
        self._made = segments

    def apply_filter(self, filter: LineFilter, background: Paper) -> Strip:  # noqa: A002 (Textual calls it so)
        return self  # its colours are such as the terminal has


def _style(top: Rgb, bottom: Rgb) -> Style:
    return Style(color=Color.from_rgb(*top), bgcolor=Color.from_rgb(*bottom))


def blocks(data: bytes, width: int, depth: int, room: int = 0, base: Style = NO_STYLE) -> list[Strip]:
    """Lines of half blocks for rows of RGB, filled up to the `room` that there is.

    `depth` is how many colours there are: 1 << 24 or 256.
    """
    code, system = (_true, ColorSystem.TRUECOLOR) if depth > 256 else (_of_256, ColorSystem.EIGHT_BIT)
    tail = Segment(" " * max(0, room - width), base)
    after = "\x1b[0m" + Strip.render_style(base, tail.text, system)
    return [_line(top, bottom, code, after, tail) for top, bottom in _pairs(data, width)]


def _pairs(data: bytes, width: int) -> Iterable[tuple[bytes, bytes]]:
    """Rows of pixels by two, the one above and the one below; the last one stands for what is missing below it."""
    rows = [data[at : at + 3 * width] for at in range(0, len(data), 3 * width)]
    return zip(rows[::2], [*rows[1::2], *rows[-1:]], strict=False)


def _pixels(row: bytes) -> Iterable[Rgb]:
    return zip(row[::3], row[1::3], row[2::3], strict=True)


def _line(top: bytes, bottom: bytes, code: Callable[[Rgb], str], after: str, tail: Segment) -> Strip:
    colors = list(zip(_pixels(top), _pixels(bottom), strict=True))
    parts, before = [], None
    for pair in colors:
        if pair != before:
            parts.append(f"\x1b[38;{code(pair[0])};48;{code(pair[1])}m▀")
            before = pair
        else:
            parts.append("▀")
    return PixelStrip(colors, "".join(parts) + after, tail)


def _true(pixel: Rgb) -> str:
    return f"2;{pixel[0]};{pixel[1]};{pixel[2]}"


@lru_cache(4096)
def _of_256(pixel: Rgb) -> str:
    red, green, blue = pixel
    if max(pixel) - min(pixel) < 12 and 4 < red < 243:  # there are finer greys than those of the cube
        return f"5;{232 + max(0, min(23, round((sum(pixel) / 3 - 8) / 10)))}"
    return f"5;{16 + 36 * NEAREST[red] + 6 * NEAREST[green] + NEAREST[blue]}"


def signs(data: bytes, width: int, style: Style, *, dark: bool) -> list[Strip]:
    """Lines of signs for rows of RGB; on a dark screen the bright parts are dense, on a light one the dark parts."""
    ramp = RAMP if dark else RAMP[::-1]
    dense = [ramp[value * len(ramp) // 256] for value in range(256)]
    return [Strip([Segment("".join(dense[n] for n in _grey(*pair)), style)], width) for pair in _pairs(data, width)]


def _grey(top: bytes, bottom: bytes) -> Iterable[int]:
    """How bright each pair of pixels is, as eyes have it (Rec. 601)."""
    for one, other in zip(_pixels(top), _pixels(bottom), strict=True):
        red, green, blue = (a + b for a, b in zip(one, other, strict=True))
        yield (299 * red + 587 * green + 114 * blue) // 2000
