"""The kept output of the trunk: the bits that the trunk gives, whatever the batch; whole or made again."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.vision import trunk
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.loocv import Study
from engine.vision.plan import Compute, Plan
from engine.vision.trunk import Kept
from tests.engine.vision import small

FLIPS = Augmentation(flip=True, rotate_degrees=10.0, colour_jitter=0.2)


def kept(plan: Plan) -> Kept:
    found = Study(plan).all_features
    assert isinstance(found, Kept)
    return found


def only_file(tmp_path: Path) -> Path:
    (found,) = (tmp_path / "cache").iterdir()
    return found


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("test_resnet", "layer4"),
        ("test_efficientnet", "blocks.4"),
        ("test_convnext", "stages.3"),
        ("test_vit", "blocks.5"),
    ],
)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_what_is_kept_is_what_the_trunk_gives_in_any_batch(
    name: str, stage: str, precision: str, tmp_path: Path
) -> None:
    compute = Compute("cpu", precision, 1, {})
    found = kept(small.plan(tmp_path, name, stage, count=11, size=160, compute=compute))
    for batch in ([3], [10, 0], [5, 1, 9, 2], list(range(11)), [7, 7, 4]):
        assert torch.equal(found(batch, None), found.live(batch, None)), batch


def test_augmented_epochs_are_kept_each_by_itself(tmp_path: Path) -> None:
    found = kept(small.plan(tmp_path, "test_resnet", "layer4", augmentation=FLIPS))
    for epoch in (None, 0, 1):
        assert torch.equal(found([4, 2], epoch), found.live([4, 2], epoch))
    assert not torch.equal(found([4], 0), found([4], 1))
    assert len(list((tmp_path / "cache").iterdir())) == 3


def test_epochs_without_augmentation_share_one_file(tmp_path: Path) -> None:
    found = kept(small.plan(tmp_path, "test_resnet", "layer4"))
    for epoch in (None, 0, 1):
        found([0], epoch)
    assert only_file(tmp_path).stat().st_size > 9 * trunk.DIGEST_BYTES


def test_a_second_study_finds_the_file_and_computes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = small.plan(tmp_path, "test_resnet", "layer4")
    first = kept(plan)([0, 8], None)
    monkeypatch.setattr(trunk.Live, "_pass", None)
    assert torch.equal(kept(plan)([0, 8], None), first)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text"])
def test_a_damaged_file_is_noticed_and_made_again(damage: str, tmp_path: Path) -> None:
    plan = small.plan(tmp_path, "test_resnet", "layer4")
    first, path = kept(plan)([0, 8], None), only_file(tmp_path)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    path.write_bytes({"cut": whole[:-5], "flipped": bytes(flipped), "empty": b"", "text": b"gone"}[damage])
    assert trunk.opened(path) is None
    assert torch.equal(kept(plan)([0, 8], None), first)
    assert path.read_bytes() == whole


def test_what_a_killed_process_left_half_written_is_removed_after_a_day(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    old, young = (tmp_path / "cache" / f".{name}.npy.1.part" for name in ("old", "young"))
    for path in (old, young):
        path.touch()
    os.utime(old, (0, 0))
    kept(small.plan(tmp_path, "test_resnet", "layer4"))([0], None)
    assert young.exists() and not old.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"frames_sha256": "other"},
        {"seed": 4, "augmentation": FLIPS},
        {"compute": Compute("cpu", "fp32", 2, {})},
        {"compute": Compute("cpu", "fp32", 1, {"torch": "3"})},
        {"preprocessing": Preprocessing(64, "squash", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))},
        {"model": "test_efficientnet", "train_from": "blocks.4"},
    ],
)
def test_another_question_has_another_file(change: dict[str, Any], tmp_path: Path) -> None:
    asked: dict[str, Any] = {"model": "test_resnet", "train_from": "layer4", "augmentation": FLIPS}
    kept(small.plan(tmp_path, **asked))([0], 1)
    kept(small.plan(tmp_path, **(asked | change)))([0], 1)
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_other_folds_and_settings_of_training_share_the_file(tmp_path: Path) -> None:
    plan = small.plan(tmp_path, "test_resnet", "layer4")
    kept(plan)([0], None)
    changed = replace(plan.training, lr=0.1, epochs=7)
    kept(small.plan(tmp_path, "test_resnet", "layer4", training=changed, folds=((0, 1), (2, 3, 4, 5, 6, 7, 8))))([0], 1)
    only_file(tmp_path)
