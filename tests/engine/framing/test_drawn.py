"""Frames as a terminal takes them: small, brighter, closer, as PNG and as Sixel."""

from __future__ import annotations

import io
import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from engine.framing import drawn
from engine.framing.drawn import Look
from engine.vision.decode import Frame


def picture(width: int = 40, height: int = 30, seed: int = 0) -> Frame:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def unsixel(data: bytes) -> Frame:
    """A slow and obvious reader of Sixel."""
    head = re.match(rb"\x1bP[0-9;]*q\"1;1;(\d+);(\d+)", data)
    assert head is not None and data.endswith(b"\x1b\\")
    found = np.zeros((int(head[2]), int(head[1]), 3), np.uint8)
    palette, colour, x, top = {}, 0, 0, 0
    body = data[head.end() : -2]
    for words in re.findall(rb"#\d+;2;\d+;\d+;\d+|#\d+|!\d+[?-~]|[?-~]|\$|-", body):
        numbers = [int(word) for word in re.findall(rb"\d+", words)] if words[:1] in b"#!" else []
        if words[:1] == b"#" and len(numbers) == 5:
            palette[numbers[0]] = [round(part * 255 / 100) for part in numbers[2:]]
        elif words[:1] == b"#":
            colour = numbers[0]
        elif words in (b"$", b"-"):
            x, top = 0, top + (6 if words == b"-" else 0)
        else:
            count = numbers[0] if words[:1] == b"!" else 1
            for row in range(6):
                if (words[-1] - 63) >> row & 1:
                    found[top + row, x : x + count] = palette[colour]
            x += count
    return found


@given(some.integers(1, 60), some.integers(1, 40))
def test_sixel_paints_every_pixel_in_the_nearest_of_its_colours(width: int, height: int) -> None:
    colours = np.array([[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0]], np.uint8)
    frame = colours[np.random.default_rng(width * height).integers(0, 4, (height, width))]
    assert np.array_equal(unsixel(drawn.sixel(Image.fromarray(frame))), frame)


def test_sixel_of_a_photograph_is_near_it() -> None:
    smooth = np.asarray(Image.fromarray(picture(8, 6)).resize((80, 60), Image.Resampling.BICUBIC))
    painted = unsixel(drawn.sixel(Image.fromarray(smooth)))
    assert np.abs(painted.astype(int) - smooth).mean() < 12


def test_gamma_lifts_what_lies_between_black_and_white() -> None:
    lifted = drawn.lifted(2.2)
    assert lifted[0] == 0 and lifted[255] == 255 and lifted == sorted(lifted)
    assert lifted[55] == round(255 * (55 / 255) ** (1 / 2.2)) > 120
    frame = np.full((4, 4, 3), 55, np.uint8)
    assert np.asarray(drawn.image(frame, Look(gamma=2.2)))[0, 0].tolist() == [lifted[55]] * 3


def test_a_window_stays_in_the_frame() -> None:
    frame = picture(40, 20)
    assert np.array_equal(np.asarray(drawn.image(frame, Look())), frame)
    assert np.array_equal(np.asarray(drawn.image(frame, Look(zoom=2, x=0, y=0))), frame[:10, :20])
    assert np.array_equal(np.asarray(drawn.image(frame, Look(zoom=4, x=1, y=1))), frame[15:, 30:])


def test_what_fits_keeps_its_shape_and_grows_only_where_asked() -> None:
    small = Image.fromarray(picture(40, 20))
    assert drawn.fitted(small, 20, 20, enlarge=False).size == (20, 10)
    assert drawn.fitted(small, 400, 400, enlarge=False) is small
    assert drawn.fitted(small, 400, 100, enlarge=True).size == (200, 100)
    assert drawn.fitted(small, 1, 1, enlarge=True).size == (1, 1)


def test_a_png_has_the_very_pixels() -> None:
    frame = picture()
    with Image.open(io.BytesIO(drawn.png(Image.fromarray(frame)))) as read:
        assert np.array_equal(np.asarray(read), frame)
