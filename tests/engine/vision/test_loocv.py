"""Leave-one-out with a kept trunk against the plain loop, bit for bit; starts, folds and weights found again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.errors import AskError, DataError
from engine.files import read_json
from engine.vision import checkpoint, data, device, loocv, plan, train
from engine.vision.data import Augmentation
from engine.vision.plan import Plan
from tests.engine.vision import small

STAGES = {"layer4": ("layer4", "fc"), "blocks.6": ("blocks.6", "conv_head", "bn2", "classifier")}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    device.settle("cpu", 1) if torch.get_num_threads() != 1 else None


def plain_loop(given: Plan, fold: int, learning: tuple[str, ...]) -> tuple[list[float], Tensor, dict[str, Tensor]]:
    """A fold as anybody would write it: the whole network, every batch, every epoch; nothing of ours but the order."""
    model = timm.create_model(given.model, num_classes=3)
    model.load_state_dict(checkpoint.load(given.start))
    model.requires_grad_(False).eval()
    parts: list[nn.Module] = [model.get_submodule(name).requires_grad_(True) for name in learning]
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=given.training.lr, fused=True)
    frames, how = np.load(given.places.frames), given.preprocessing
    images = torch.from_numpy(data.normalised(frames, how.mean, how.std))
    labels = torch.tensor(given.labels)
    chosen = [n for n in given.rows if n not in given.folds[fold]]
    counts = torch.bincount(labels[chosen])
    weights = (len(chosen) / (3 * counts.double())).float()
    history = []
    for epoch in range(given.training.epochs):
        for part in parts:
            part.train()
        total = 0.0
        seen = 0.0
        for batch in train.batches(chosen, given.keys, given.seed, epoch, given.training.batch):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images[batch]), labels[batch], weight=weights)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += float(loss.detach()) * float(weights[labels[batch]].sum())
            seen += float(weights[labels[batch]].sum())
        history.append(total / seen)
    model.eval()
    with torch.no_grad():
        scores = model(images[list(given.folds[fold])]).double().softmax(1)
    return history, scores, model.state_dict()


def one_fold(given: Plan, fold: int) -> tuple[list[float], Tensor, dict[str, Tensor]]:
    study = loocv.Study(given)
    study.fold(fold, lambda *_: None)
    found = read_json(given.result(fold))
    return found["losses"], torch.tensor(found["scores"], dtype=torch.float64), study.split.model.state_dict()


@pytest.mark.parametrize(
    ("model", "train_from", "size"),
    [("test_resnet", "layer4", 64), ("resnet18", "layer4", 224), ("tf_efficientnet_lite0", "blocks.6", 224)],
)
def test_a_kept_trunk_gives_the_bits_of_the_plain_loop(model: str, train_from: str, size: int, tmp_path: Path) -> None:
    given = small.plan(tmp_path, model, train_from, size=size)
    losses, scores, state = one_fold(given, 4)
    plain_losses, plain_scores, plain_state = plain_loop(given, 4, STAGES[train_from])
    assert losses == plain_losses
    assert torch.equal(scores, plain_scores)
    assert checkpoint.digest(state) == checkpoint.digest(plain_state)
