"""CLAHE: values by hand, by an independent implementation, and that inference sees what training saw."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError
from skimage import color
from skimage import data as photos

from engine.vision import consuming, contrast, data
from engine.vision.contrast import Clahe
from engine.vision.data import Preprocessing
from engine.vision.decode import Frame
from tests.engine.vision import small

PLAIN = Preprocessing(32, "squash", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def greys(levels: list[int]) -> Frame:
    """(4, 4, 3): four pixels of each of four levels."""
    return np.repeat(np.array(levels, np.uint8), 4).reshape(4, 4)[..., None].repeat(3, 2)


def lightness(frame: Frame) -> np.ndarray:
    return color.rgb2lab(frame)[..., 0]


def test_one_tile_without_a_limit_is_equalisation_by_the_cumulated_histogram() -> None:
    """Four levels, four pixels each: the shares at or below them are 1/4, 2/4, 3/4 and 1, whatever the levels are."""
    found = lightness(contrast.equalised(greys([100, 104, 108, 112]), Clahe(clip=1e6, tiles=1)))
    assert np.unique(found.round()).tolist() == [25, 50, 75, 100]


def test_a_low_limit_leaves_lightness_nearly_as_it_was() -> None:
    frame = greys([100, 104, 108, 112])
    spread = [np.ptp(lightness(contrast.equalised(frame, Clahe(clip=clip, tiles=1)))) for clip in (1, 20, 80, 1e6)]
    assert spread == sorted(spread) and spread[0] < spread[-1] / 4


def test_a_dark_photo_gains_contrast_and_keeps_its_colours() -> None:
    frame = (photos.astronaut()[::8, ::8] // 4).astype(np.uint8)
    found = contrast.equalised(frame, Clahe())
    assert lightness(found).std() > 1.5 * lightness(frame).std()
    before, after = (color.rgb2lab(each)[..., 1:] for each in (frame, found))
    assert np.median(np.abs(before - after)) < 2


@pytest.mark.parametrize("size", [8, 32, 50])
def test_any_size_has_its_tiles(size: int) -> None:
    how = Preprocessing(size, "squash", PLAIN.mean, PLAIN.std, Clahe(clip=2, tiles=8))
    assert data.resized(small.frames(1, 64)[0], how).shape == (size, size, 3)


def test_videos_are_seen_with_the_contrast_that_training_saw() -> None:
    """A decoder's process gets its view as JSON has it."""
    how = Preprocessing(32, "squash", PLAIN.mean, PLAIN.std, Clahe(clip=3, tiles=4))
    frame = small.frames(1, 64)[0]
    view = consuming.View(**{**vars(consuming.view_of(how)), "clahe": {"clip": 3.0, "tiles": 4}})
    assert np.array_equal(view(frame), data.resized(frame, how))
    assert not np.array_equal(view(frame), data.resized(frame, PLAIN))


@pytest.mark.parametrize("wrong", [{"clip": 0}, {"tiles": 0}, {"tiles": 65}])
def test_limits_and_tiles_that_mean_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Clahe(**wrong)
