"""Resizing, augmenting and normalising frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.vision import data
from engine.vision.data import Augmentation, Preprocessing
from tests.engine.vision import small

HOW = Preprocessing(32, "squash", (0.5, 0.4, 0.3), (0.2, 0.2, 0.2))
ALL = Augmentation(flip=True, rotate_degrees=15, colour_jitter=0.3)


def wide() -> data.Frame:
    """Black, with a white third in the middle."""
    frame = np.zeros((60, 180, 3), np.uint8)
    frame[:, 60:120] = 255
    return frame


def test_squash_keeps_all_of_a_frame() -> None:
    found = data.resized(wide(), HOW)
    assert found.shape == (32, 32, 3)
    assert found.mean() == pytest.approx(255 / 3, abs=6)


def test_crop_keeps_the_middle() -> None:
    assert data.resized(wide(), replace(HOW, resize="crop")).min() > 200


def test_pad_adds_bars_of_the_mean_colour() -> None:
    found = data.resized(wide(), replace(HOW, resize="pad"))
    assert found[0, 0].tolist() == found[-1, -1].tolist() == [128, 102, 76]
    assert found[16, 16].tolist() == [255, 255, 255]


def test_normalising_is_by_channel() -> None:
    frames = np.full((2, 4, 4, 3), (255, 102, 0), np.uint8)
    images = data.normalised(frames, HOW.mean, HOW.std)
    assert images.shape == (2, 3, 4, 4) and images.dtype == np.float32
    assert images[1, :, 2, 2].tolist() == pytest.approx([2.5, 0.0, -1.5], abs=1e-6)


def test_the_same_seed_epoch_and_frame_give_the_same_picture() -> None:
    frame = small.frames(1, 32)[0]
    one, other = (data.augmented(frame, ALL, 1, 2, "video:3") for _ in range(2))
    assert np.array_equal(one, other)


@pytest.mark.parametrize("key", [(2, 2, "video:3"), (1, 3, "video:3"), (1, 2, "video:4")])
def test_another_seed_epoch_or_frame_gives_another_picture(key: tuple[int, int, str]) -> None:
    frame = small.frames(1, 32)[0]
    assert not np.array_equal(data.augmented(frame, ALL, 1, 2, "video:3"), data.augmented(frame, ALL, *key))


def test_flips_come_about_half_of_the_time() -> None:
    frame = np.zeros((4, 4, 3), np.uint8)
    frame[:, 0] = 255
    shown = [data.augmented(frame, Augmentation(flip=True), 0, epoch, "v:0")[0, 0, 0] for epoch in range(200)]
    assert 70 < sum(corner == 0 for corner in shown) < 130


def test_no_augmentation_changes_nothing() -> None:
    frame = small.frames(1, 32)[0]
    assert not Augmentation()
    assert np.array_equal(data.augmented(frame, Augmentation(), 0, 0, "v:0"), frame)
