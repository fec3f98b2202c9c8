"""Pixels as lines of the terminal: two in a cell where there are colours, else signs, the denser the brighter."""

from __future__ import annotations

from collections.abc import Iterable
from operator import add

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

# Of the sequences that set a colour: the numbers of red, green and blue; the places in the cube of 256; its greys.
FIRST, LAST = [f"2;{value};" for value in range(256)], [f"{value}" for value in range(256)]
MIDDLE = [f"{value};" for value in range(256)]
RED, GREEN, BLUE = ([share * level for level in NEAREST] for share in (36, 6, 1))
CUBE = [f"5;{16 + place}" for place in range(216)]
GREYS = [f"5;{232 + max(0, min(23, round((total / 3 - 8) / 10)))}" for total in range(3 * 255 + 1)]


class PixelStrip(Strip):
    """A line whose sequences are made at once from its pixels, and its segments only where something covers it.

    Each cell has colours of its own, for which Rich and the filters of Textual need a hundred times as long.
    """

    __slots__ = ("_made", "_rows", "_tail")

    def __init__(self, rows: tuple[bytes, bytes], sequences: str, tail: Segment) -> None:
        self._rows, self._tail = rows, tail
        super().__init__([], len(rows[0]) // 3 + len(tail.text))
        self._made: list[Segment] | None = None
        self._render_cache = sequences

    @property
    def _segments(self) -> list[Segment]:
        if self._made is None:
            pairs = zip(*map(_pixels, self._rows), strict=True)
            self._made = [*(Segment("▀", _style(*pair)) for pair in pairs), self._tail]
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
    codes, system = (_true, ColorSystem.TRUECOLOR) if depth > 256 else (_of_256, ColorSystem.EIGHT_BIT)
    tail = Segment(" " * max(0, room - width), base)
    after = "\x1b[0m" + Strip.render_style(base, tail.text, system)
    return [PixelStrip(pair, _sequences(*map(codes, pair)) + after, tail) for pair in _pairs(data, width)]


def _pairs(data: bytes, width: int) -> Iterable[tuple[bytes, bytes]]:
    """Rows of pixels by two, the one above and the one below; the last one stands for what is missing below it."""
    rows = [data[at : at + 3 * width] for at in range(0, len(data), 3 * width)]
    return zip(rows[::2], [*rows[1::2], *rows[-1:]], strict=False)


def _pixels(row: bytes) -> Iterable[Rgb]:
    return zip(row[::3], row[1::3], row[2::3], strict=True)


def _sequences(top: list[str], bottom: list[str]) -> str:
    """A line of cells, each with only those colours that the one before it has not."""
    parts, above, below = [], "", ""
    for one, other in zip(top, bottom, strict=True):
        if other == below:
            parts.append("▀" if one == above else f"\x1b[38;{one}m▀")
        elif one == above:
            parts.append(f"\x1b[48;{other}m▀")
        else:
            parts.append(f"\x1b[38;{one};48;{other}m▀")
        above, below = one, other
    return "".join(parts)


def _true(row: bytes) -> list[str]:
    """The colour of each pixel, as sequences name it."""
    red, green = map(FIRST.__getitem__, row[::3]), map(MIDDLE.__getitem__, row[1::3])
    return list(map(add, map(add, red, green), map(LAST.__getitem__, row[2::3])))


def _of_256(row: bytes) -> list[str]:
    """The same where there are 256, which have finer greys than those of their cube."""
    return [
        GREYS[red + green + blue]
        if 4 < red < 243 and -12 < red - green < 12 and -12 < green - blue < 12 and -12 < red - blue < 12
        else CUBE[RED[red] + GREEN[green] + BLUE[blue]]
        for red, green, blue in _pixels(row)
    ]


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
