"""What follows from a recipe for each epoch and step: order, learning rate, mixing, running means."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.vision.training import recipe, stepping
from engine.vision.training.recipe import Recipe
from tests.engine.teaching import learnt
from tests.engine.teaching.learnt import RECIPE


def test_an_epoch_shows_every_picture_once_in_an_order_of_its_own() -> None:
    labels = np.arange(23) % 4
    how = Recipe(epochs=2, batch=8)
    orders = [[n for batch in recipe.order(labels, how, epoch) for n in batch] for epoch in (0, 1)]
    assert [sorted(each) for each in orders] == [list(range(23))] * 2 and orders[0] != orders[1]
    assert [len(batch) for batch in recipe.order(labels, how, 0)] == [8, 8, 7]
    assert len(recipe.order(np.arange(17), how, 0)[-1]) > 1  # a last batch of one has no statistics


def test_balanced_sampling_shows_rare_classes_as_often_as_common_ones() -> None:
    labels = np.array([0] * 900 + [1] * 90 + [2] * 10)
    how = Recipe(epochs=1, batch=100, balance="sampling")
    shown = np.bincount(labels[np.concatenate(recipe.order(labels, how, 0))])
    assert shown.sum() == 1000 and shown.min() > 280


def test_the_learning_rate_rises_and_falls_as_asked() -> None:
    cosine = Recipe(epochs=10, lr=1.0, warmup_epochs=2)
    assert [recipe.rate(cosine, done) for done in (1, 2, 6, 10)] == pytest.approx([0.5, 1.0, 0.5, 0.0])
    steps = Recipe(epochs=10, lr=1.0, schedule="step", step_epochs=4, step_factor=0.1)
    assert [recipe.rate(steps, done) for done in (0.1, 4, 4.1, 8, 8.1)] == pytest.approx([1, 1, 0.1, 0.1, 0.01])


def test_the_running_mean_is_what_is_judged_and_kept(tmp_path: Path) -> None:
    data = learnt.data(tmp_path)
    learnt.fit(tmp_path / "plain", data)
    learnt.fit(tmp_path / "ema", data, replace(RECIPE, ema=0.9))
    assert learnt.made(tmp_path / "plain")["last"] != learnt.made(tmp_path / "ema")["last"]


def test_mixed_pictures_have_mixed_truth() -> None:
    images = torch.arange(4.0)[:, None, None, None].expand(4, 3, 2, 2)
    known = stepping.known(torch.tensor([0, 1, 2, 0]), torch.zeros(4, 0), torch.ones(3), Recipe(epochs=1))
    shown, truth = stepping.mixed(images, known, 0.75)
    assert shown[:, 0, 0, 0].tolist() == [0.75, 1.25, 1.75, 2.25]
    assert truth.targets[1].tolist() == [0, 0.75, 0.25]
