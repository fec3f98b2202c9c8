"""What a memory before the frozen trunk gives is what the trunk gives, bit for bit."""

from __future__ import annotations

import torch

from engine.vision import models
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.remembered import Remembered
from engine.vision.split import Split
from engine.vision.trunk import Changes, Live
from tests.engine.vision import small


def live(seed: int = 0) -> Live:
    torch.manual_seed(seed)
    split = Split(models.build("test_resnet", 3), "layer4")
    how = Changes(Preprocessing(32, "squash", (0.5,) * 3, (0.25,) * 3), Augmentation(True, 10.0, 0.2), 3)  # type: ignore[arg-type]
    return Live(split, small.frames(12, 32), [f"v:{n}" for n in range(12)], how, torch.device("cpu"), "fp32")


def test_all_orders_and_portions_give_the_same_bits() -> None:
    trunk, memory = live(), Remembered()
    features = memory.through("a trunk", trunk)
    for frames, epoch in (([3, 1, 7], 0), ([1, 3, 2, 9, 4, 5, 6, 8, 0], 0), ([7, 7, 1], 0), ([3], 1), ([1, 3], None)):
        assert torch.equal(features(frames, epoch), trunk(frames, epoch))


def test_what_is_known_is_not_computed_again_and_another_trunk_is() -> None:
    trunk, memory = live(), Remembered()
    memory.through("a trunk", trunk)(range(12), 0)
    other = live(1)
    assert torch.equal(memory.through("another", other)([2, 5], 0), other([2, 5], 0))
    trunk.split.trunk = torch.nn.Identity()  # would give something else
    assert memory.through("a trunk", trunk)([2, 5], 0).shape == live()([2, 5], 0).shape


def test_a_full_memory_computes_and_stays_as_large_as_it_may() -> None:
    trunk, memory = live(), Remembered(limit_bytes=20_000)
    features = memory.through("a trunk", trunk)
    for _ in range(2):
        assert torch.equal(features(range(12), 4), trunk(range(12), 4))
    assert 0 < memory.bytes <= 20_000
