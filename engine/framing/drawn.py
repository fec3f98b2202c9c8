"""From a frame to what a terminal takes: rows of small pixels, a PNG, or Sixel; brighter and closer where wanted."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import numpy as np
from PIL import Image

from engine.vision.decode import Frame

COLOURS = 255  # a Sixel terminal has 256 registers, one of which is the background
AGAIN = re.compile(rb"(.)\1{3,}")


@dataclass(frozen=True)
class Look:
    """How a frame is looked at: how bright, how close, and around which point (in parts of the frame)."""

    gamma: float = 1.0
    zoom: float = 1.0
    x: float = 0.5
    y: float = 0.5


def image(frame: Frame, look: Look) -> Image.Image:
    """What of a frame is seen, at the size that it has there."""
    height, width = frame.shape[:2]
    wide, high = max(1, round(width / look.zoom)), max(1, round(height / look.zoom))
    left = min(max(0, round(look.x * width - wide / 2)), width - wide)
    top = min(max(0, round(look.y * height - high / 2)), height - high)
    seen = Image.fromarray(frame[top : top + high, left : left + wide])
    return seen if look.gamma == 1.0 else seen.point(lifted(look.gamma) * 3)


def lifted(gamma: float) -> list[int]:
    """What becomes of each brightness: black and white stay, what lies between gets brighter."""
    return [round(255 * (value / 255) ** (1 / gamma)) for value in range(256)]


def fitted(picture: Image.Image, width: int, height: int, *, enlarge: bool) -> Image.Image:
    """As large as fits, with the shape that it has."""
    part = min(width / picture.width, height / picture.height)
    if part >= 1 and not enlarge:
        return picture
    size = max(1, round(picture.width * part)), max(1, round(picture.height * part))
    return picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


def png(picture: Image.Image) -> bytes:
    """Its PNG, packed in a hurry."""
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def sixel(picture: Image.Image) -> bytes:
    """Its Sixel: bands of six rows, in each of them a line a colour.

    Source: Digital Equipment Corporation, VT330/VT340 Programmer Reference Manual, volume 2, chapter 14.
    """
    flat = picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    places = np.asarray(flat, np.uint8)
    palette = np.asarray(flat.getpalette() or [], int).reshape(-1, 3) * 100 // 255
    names = b"".join(b"#%d;2;%d;%d;%d" % (n, *colour) for n, colour in enumerate(palette.tolist()))
    bands = (places[top : top + 6] for top in range(0, len(places), 6))
    size = b'"1;1;%d;%d' % (picture.width, picture.height)
    return b"\x1bP9;1q" + size + names + b"-".join(map(_band, bands)) + b"\x1b\\"


def _band(rows: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    """One line a colour, each over the one before; a sign stands for six pixels below each other."""
    bits = (1 << np.arange(len(rows), dtype=np.uint8))[:, None]
    lines = []
    for colour in np.unique(rows):
        signs = (((rows == colour) * bits).sum(axis=0, dtype=np.uint8) + 63).tobytes()
        lines.append(b"#%d" % colour + AGAIN.sub(_repeated, signs.rstrip(b"?")))
    return b"$".join(lines)


def _repeated(found: re.Match[bytes]) -> bytes:
    return b"!%d%b" % (len(found[0]), found[1])
