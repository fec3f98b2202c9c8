"""A fold as anybody would write it: the whole network for every batch of every epoch. What ours is measured against.

It takes from ours only the start, the order of frames and the optimiser's settings; its frozen part has no gradients,
so it is a fair opponent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import timm
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.vision import checkpoint, data, train
from engine.vision.plan import Plan


@dataclass(frozen=True)
class Fold:
    """What came of a fold: the mean loss of each epoch, scores (B, K) of what was left out, and all weights."""

    losses: list[float]
    scores: Tensor
    state: dict[str, Tensor]


def run(plan: Plan, fold: int, learning: Sequence[str]) -> Fold:
    """Train the named parts of the network on all frames but those of a fold, and judge these."""
    model, parts = _model(plan, learning)
    images, labels = _images(plan), torch.tensor(plan.labels)
    chosen = [frame for frame in plan.rows if frame not in plan.folds[fold]]
    weights = len(chosen) / (len(plan.classes) * torch.bincount(labels[chosen]).double())
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=plan.training.lr, fused=True)
    criterion = nn.CrossEntropyLoss(weight=weights.float())
    losses = []
    for epoch in range(plan.training.epochs):
        for part in parts:
            part.train()
        total, counted = 0.0, 0.0
        for batch in train.batches(chosen, plan.keys, plan.seed, epoch, plan.training.batch):
            optimizer.zero_grad()
            loss = criterion(model(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            weight = float(criterion.weight[labels[batch]].sum())
            total, counted = total + float(loss.detach()) * weight, counted + weight
        losses.append(total / counted)
    with torch.no_grad():
        scores = F.softmax(model.eval()(images[list(plan.folds[fold])]).double(), 1)
    return Fold(losses, scores, model.state_dict())


def _model(plan: Plan, learning: Sequence[str]) -> tuple[nn.Module, list[nn.Module]]:
    model = timm.create_model(plan.model, num_classes=len(plan.classes))
    model.load_state_dict(checkpoint.load(plan.start))
    model.requires_grad_(False).eval()
    return model, [model.get_submodule(name).requires_grad_(True) for name in learning]


def _images(plan: Plan) -> Tensor:
    how = plan.preprocessing
    return torch.from_numpy(data.normalised(np.load(plan.places.frames), how.mean, how.std))
