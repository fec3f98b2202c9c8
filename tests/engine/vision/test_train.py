"""Training one tail: weights of classes, order of frames, early stopping, frozen parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch import Tensor

from engine.errors import DataError
from engine.vision import losses, train
from engine.vision.loocv import Study
from engine.vision.train import Samples
from tests.engine.vision import small

KEYS = [f"video:{n}" for n in range(39)]


@pytest.mark.parametrize("counts", [[25, 15], [35, 5], [20, 12, 8]])
def test_class_weights_are_those_of_scikit_learn(counts: list[int]) -> None:
    labels = np.repeat(range(len(counts)), counts)
    found = losses.inverse_frequency(torch.from_numpy(labels), len(counts))
    expected = compute_class_weight("balanced", classes=np.arange(len(counts)), y=labels)
    assert found.tolist() == pytest.approx(expected.tolist(), rel=1e-6)


def test_a_class_that_a_fold_does_not_see_has_no_weight_and_no_share() -> None:
    assert losses.inverse_frequency(torch.tensor([0, 0, 2, 2, 2, 2]), 3).tolist() == pytest.approx([1.5, 0.0, 0.75])


def test_each_epoch_shows_every_frame_once_in_an_order_of_its_own() -> None:
    epochs = [[n for batch in train.batches(range(39), KEYS, 0, epoch, 8) for n in batch] for epoch in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(39))
    assert epochs[0] != epochs[1]


def test_leaving_a_frame_out_does_not_change_the_order_of_the_others() -> None:
    whole = [n for batch in train.batches(range(39), KEYS, 0, 0, 8) for n in batch]
    less = [n for batch in train.batches([n for n in range(39) if n != 5], KEYS, 0, 0, 8) for n in batch]
    assert less == [n for n in whole if n != 5]


def test_no_batch_is_a_remnant() -> None:
    assert [len(batch) for batch in train.batches(range(33), KEYS, 0, 0, 8)] == [7, 7, 7, 6, 6]


@pytest.mark.parametrize(
    ("history", "patience", "over"),
    [
        ([3.0, 2.0, 1.0], 3, False),
        ([1.0, 2.0, 2.0], 3, False),
        ([1.0, 2.0, 2.0, 2.0], 3, True),
        ([1.0, 1.0, 1.0, 1.0], 3, True),
        ([1.0, 2.0, 2.0, 0.9], 3, False),
        ([1.0, 2.0], 1, True),
        ([1.0, 2.0, 3.0, 4.0], 0, False),
    ],
)
def test_training_ends_when_the_lowest_loss_is_patience_epochs_ago(
    history: list[float], patience: int, over: bool
) -> None:
    assert train.over(history, patience) is over


def samples(study: Study) -> Samples:
    return Samples(study.all_features, study.plan.labels, study.plan.keys, 3)


def test_training_makes_the_loss_smaller_and_says_each_epoch(tmp_path: Path) -> None:
    study = Study(small.plan(tmp_path, "test_resnet", "layer4"))
    said: list[tuple[int, float]] = []
    how = replace(small.TRAINING, epochs=6)
    losses_ = train.fit(study.split, samples(study), range(9), how, 0, "fp32", lambda *e: said.append(e))
    assert losses_[-1] < losses_[0]
    assert said == list(enumerate(losses_))


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_other_optimisers_learn_too(optimizer: str, tmp_path: Path) -> None:
    study = Study(small.plan(tmp_path, "test_resnet", "layer4"))
    how = replace(small.TRAINING, optimizer=optimizer, lr=1e-2, epochs=6, weight_decay=1e-4)
    losses_ = train.fit(study.split, samples(study), range(9), how, 0, "fp32", lambda *_: None)
    assert losses_[-1] < losses_[0]


def test_a_loss_that_is_no_number_ends_training_with_advice(tmp_path: Path) -> None:
    study = Study(small.plan(tmp_path, "test_resnet", "layer4"))
    how = replace(small.TRAINING, optimizer="sgd", lr=1e30, epochs=5)
    with pytest.raises(DataError, match=r"the training loss is (nan|inf)") as raised:
        train.fit(study.split, samples(study), range(9), how, 0, "fp32", lambda *_: None)
    assert "lower train.lr" in raised.value.hint


def test_a_trunk_whose_statistics_move_is_noticed(tmp_path: Path) -> None:
    study = Study(small.plan(tmp_path, "test_resnet", "layer4"))

    def disturbed(frames: list[int], epoch: int | None) -> Tensor:
        study.split.trunk.get_buffer("layer1.0.bn1.running_mean").add_(1)
        return study.all_features(frames, epoch)

    moved = replace(samples(study), features=disturbed)  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="statistics have changed"):
        train.fit(study.split, moved, range(9), small.TRAINING, 0, "fp32", lambda *_: None)
