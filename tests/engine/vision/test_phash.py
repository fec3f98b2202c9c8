"""The perceptual hash: near for what looks alike, far for what does not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn

from engine.vision.decode import Frame
from engine.vision.phash import phash


def apart(one: Frame, other: Frame) -> int:
    return (phash(one) ^ phash(other)).bit_count()


def scene(seed: int, size: int = 128) -> Frame:
    """Soft patches of light, as a photograph has."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((size, size), Image.Resampling.BICUBIC))


def test_a_frame_is_at_no_distance_from_itself_and_the_hash_has_64_bits() -> None:
    assert apart(scene(1), scene(1)) == 0
    assert 0 <= phash(scene(1)) < 2**64


@pytest.mark.parametrize("seed", range(5))
def test_size_compression_noise_and_brightness_hardly_move_it(seed: int) -> None:
    frame = scene(seed)
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "JPEG", quality=50)
    noise = np.random.default_rng(seed).integers(-8, 9, frame.shape)
    for changed in (
        np.asarray(Image.fromarray(frame).resize((90, 70))),
        np.asarray(Image.open(buffer)),
        np.clip(frame + noise, 0, 255).astype(np.uint8),
        np.clip(frame * 0.9, 0, 255).astype(np.uint8),
    ):
        assert apart(frame, changed) <= 4


def test_different_scenes_are_far_apart() -> None:
    distances = [apart(scene(one), scene(other)) for one in range(12) for other in range(one)]
    assert min(distances) > 12 and np.mean(distances) == pytest.approx(32, abs=4)


def test_flat_frames_are_alike_but_for_dark_and_bright() -> None:
    grey = [np.full((40, 60, 3), level, np.uint8) for level in (0, 40, 100, 200, 255)]
    assert [apart(grey[0], one) for one in grey] == [0, 0, 0, 1, 1]


def test_the_bits_are_those_of_the_definition() -> None:
    """Brightness of 32 by 32 pixels, the 8 by 8 slowest waves, each against the median of all but the mean."""
    frame = scene(3)
    grey = np.asarray(Image.fromarray(frame).convert("L").resize((32, 32), Image.Resampling.BOX), np.float64) / 255
    waves = dctn(grey, norm="ortho")[:8, :8].ravel()
    bits = [grey.mean() > 0.5, *(waves[1:] > np.median(waves[1:]))]
    written = int("".join("01"[int(bit)] for bit in bits), 2)
    assert (phash(frame) ^ written).bit_count() <= 1  # which rounding may move, beside the median
