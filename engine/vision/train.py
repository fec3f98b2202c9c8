"""Training one tail on one set of frames, and what it then says about others. Needs torch."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.errors import DataError
from engine.stats.metrics import Floats
from engine.vision import checkpoint, device, losses
from engine.vision.plan import Training
from engine.vision.split import Split
from engine.vision.trunk import Features

Optimizer = torch.optim.Optimizer
Said = Callable[[int, float], None]


@dataclass(frozen=True)
class Samples:
    """Frames by number, as training sees them.

    Attributes:
        features: the trunk's output.
        labels: (N,) the class number of each.
        keys: (N,) a name for each; with seed and epoch it gives the order of frames, alike in every fold.
        classes: K.
    """

    features: Features
    labels: Sequence[int]
    keys: Sequence[str]
    classes: int


def fit(
    split: Split, samples: Samples, chosen: Sequence[int], how: Training, seed: int, precision: str, said: Said
) -> list[float]:
    """Train the tail of `split` in place on the chosen frames; the mean weighted loss of each epoch.

    The tail is left as its last step made it: an epoch's loss is the mean over steps between which the weights
    changed, so there is no earlier state that a lowest loss would belong to. `said` hears each epoch and its loss.

    Raises:
        DataError: the loss is no longer a number.
    """
    weights = class_weights([samples.labels[frame] for frame in chosen], samples.classes, how)
    optimizer, trunk, history = optimizer_of(split, how), trunk_buffers(split), list[float]()
    for epoch in range(how.epochs):
        split.train()
        sums = torch.zeros(2, dtype=torch.float64)
        for batch in batches(chosen, samples.keys, seed, epoch, how.batch):
            truth = torch.tensor([samples.labels[frame] for frame in batch])
            sums += step(split, optimizer, samples.features(batch, epoch), truth, weights, precision)
        history.append(float(sums[0] / sums[1]))
        said(epoch, history[-1])
        _check(split, trunk, history, how)
        if over(history, how.patience):
            break
    return history


def step(
    split: Split, optimizer: Optimizer, features: Tensor, truth: Tensor, weights: Tensor, precision: str
) -> Tensor:
    """One step down the weighted loss of a batch; returns (2,) float64: that loss times its weight, and the weight."""
    where = features.device
    optimizer.zero_grad()
    with device.autocast(where, precision):
        logits = split.tail(features)
    loss, weight = losses.weighted(logits, truth.to(where), weights.to(where))
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return torch.stack([loss.detach().double() * weight, weight.double()]).cpu()


def scores(split: Split, features: Features, frames: Sequence[int], batch: int, precision: str) -> Floats:
    """(B, K): softmax scores of frames, shown without augmentation."""
    split.eval()
    found = []
    for start in range(0, len(frames), batch):
        given = features(frames[start : start + batch], None)
        with torch.no_grad(), device.autocast(given.device, precision):
            logits = split.tail(given)
        found.append(logits.double().softmax(1).cpu().numpy())
    return np.concatenate(found)


def batches(chosen: Sequence[int], keys: Sequence[str], seed: int, epoch: int, size: int) -> Iterator[list[int]]:
    """The frames of an epoch in its order, in pieces of nearly equal size, `size` at most.

    Equal pieces, because a last piece of one frame would be a step with the statistics of a single picture.
    """
    order = sorted(chosen, key=lambda frame: hashlib.sha256(f"{seed} {epoch} {keys[frame]}".encode()).digest())
    for piece in np.array_split(np.array(order), math.ceil(len(order) / size)):
        yield [int(frame) for frame in piece]


def over(history: Sequence[float], patience: int) -> bool:
    """Whether the lowest loss is `patience` epochs ago; never with a patience of 0."""
    return patience > 0 and len(history) - 1 - int(np.argmin(history)) >= patience


def optimizer_of(split: Split, how: Training) -> Optimizer:
    """The optimiser of the tail; fused, which takes a third of the time of a loop over its weights."""
    parameters = list(split.learning())
    if how.optimizer == "sgd":
        return torch.optim.SGD(parameters, lr=how.lr, momentum=0.9, weight_decay=how.weight_decay, fused=True)
    kind = torch.optim.Adam if how.optimizer == "adam" else torch.optim.AdamW
    return kind(parameters, lr=how.lr, weight_decay=how.weight_decay, fused=True)


def trunk_buffers(split: Split) -> str:
    """A hash of the trunk's batch-norm statistics."""
    return checkpoint.digest(dict(split.trunk.named_buffers()))


def class_weights(labels: Sequence[int], classes: int, how: Training) -> Tensor:
    """(K,): by inverse frequency among these labels, or all one."""
    return losses.inverse_frequency(torch.tensor(labels), classes) if how.weighted else torch.ones(classes)


def _check(split: Split, trunk: str, history: Sequence[float], how: Training) -> None:
    if not math.isfinite(history[-1]):
        raise DataError(
            f"the training loss is {history[-1]} in epoch {len(history)}", hint=f"lower train.lr ({how.lr})"
        )
    if trunk_buffers(split) != trunk:
        raise AssertionError("the frozen trunk's batch-norm statistics have changed")
