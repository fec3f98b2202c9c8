"""Pictures as pixels for half blocks of a terminal; decoded here, so that a hostile file meets no screen."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import DataError

SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")
TONES = ((48, "black"), (100, "dark"), (160, "medium"), (215, "bright"), (256, "white"))


@dataclass(frozen=True)
class Pixels:
    """Rows of RGB, three bytes a pixel, and in words what they show."""

    width: int
    height: int
    data: bytes
    words: str


def picture(path: Path, width: int, height: int) -> Pixels:
    """A picture, made to fit into so many cells of two pixels each.

    Raises:
        DataError: it is none, or Pillow is not there.
    """
    try:
        images: Any = importlib.import_module("PIL.Image")
    except ImportError:
        raise DataError(f"{path.name}: a look at pictures needs Pillow, which is not installed here",
                        hint="pip install 'footplate[engine]'") from None  # fmt: skip
    try:
        with images.open(path) as image:
            words = f"{image.format} {image.width}×{image.height} {image.mode}"
            image.draft("RGB", (2 * width, 4 * height))  # a JPEG is decoded at a fraction of its size
            small = image.convert("RGB")
            small.thumbnail((max(1, width), max(2, height * 2)))
    except (OSError, ValueError, SyntaxError, images.DecompressionBombError) as error:
        raise DataError(f"{path.name}: not a picture that can be read: {error}") from None
    return Pixels(small.width, small.height, small.tobytes(), f"{words} · {told(small)}")


def told(image: Any) -> str:
    """What there is to see, in words: how bright it is as a whole and in its nine parts."""
    grey = image.convert("L")
    whole = _tone(grey.resize((1, 1)).getpixel((0, 0)))
    parts = grey.resize((3, 3)).tobytes()
    places = [f"{down} {across}".strip() for down in ("top", "", "bottom") for across in ("left", "", "right")]
    different = [f"{_tone(part)} {place or 'centre'}" for part, place in zip(parts, places, strict=True)
                 if _tone(part) != whole]  # fmt: skip
    return f"{whole}{': ' + ', '.join(different) if different else ' all over'}"


def _tone(value: int) -> str:
    return next(word for most, word in TONES if value < most)
