"""Training with a validation side: early stopping, a falling learning rate, and a file after every epoch. Needs torch.

An epoch's random numbers (order of frames, augmentation, dropout) hang on the seed and its number alone. So the state
after an epoch (weights, optimiser, learning rate, losses) is all that a killed training needs to go on as if nothing
had happened, bit for bit.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.optim.lr_scheduler import StepLR

from engine.errors import DataError
from engine.files import read_json, write_atomic, write_json
from engine.stats.calibration import softmax
from engine.stats.metrics import Floats
from engine.vision import checkpoint, predict, train
from engine.vision.plan import Training
from engine.vision.split import Split
from engine.vision.train import Samples

Said = Callable[[int, float, float], None]


@dataclass(frozen=True)
class Schedule:
    """How the learning rate falls: after every `step_epochs` it is multiplied by `factor`."""

    step_epochs: int
    factor: float


@dataclass(frozen=True)
class Sides:
    """Numbers of the frames to learn from, and of those that say when to end."""

    train: Sequence[int]
    validation: Sequence[int]


def fit(
    split: Split, samples: Samples, sides: Sides, how: Training, schedule: Schedule, seed: int, precision: str,
    folder: Path, said: Said,
) -> dict[str, Any]:  # fmt: skip
    """Train the tail of `split`; what is best on validation is in `best.pt` of the folder, and how it went comes back.

    Goes on after the last epoch that is in the folder. `said` hears each epoch with both losses, when it is saved.

    Raises:
        DataError: a loss is no longer a number.
    """
    done = read_json(folder / "fit.json")
    if done:
        return done
    state = _State(split, how, schedule, folder / "last.pt")
    weights = train.class_weights([samples.labels[frame] for frame in sides.train], samples.classes, how)
    trunk = train.trunk_buffers(split)
    while not state.over(how):
        epoch = len(state.losses)
        torch.manual_seed(_seed(seed, epoch))
        loss = _epoch(split, samples, sides.train, how, seed, epoch, precision, state.optimizer, weights)
        judged = _judged(split, samples, sides.validation, how, precision, weights.double().numpy())
        _check(split, trunk, loss, judged, epoch, how)
        state.keep(split, loss, judged, folder / "best.pt")
        said(epoch, loss, judged)
    found = _story(state)
    write_json(folder / "fit.json", found)
    (folder / "last.pt").unlink()
    return found


class _State:
    """What training has come to."""

    def __init__(self, split: Split, how: Training, schedule: Schedule, path: Path) -> None:
        self.optimizer = train.optimizer_of(split, how)
        self.scheduler = StepLR(self.optimizer, schedule.step_epochs, schedule.factor)
        self.losses: list[float] = []
        self.validation: list[float] = []
        self.path = path
        if path.exists():
            self._restore(split)

    def keep(self, split: Split, loss: float, judged: float, best: Path) -> None:
        """An epoch is over; the best weights are written first, so that they are there when this epoch counts."""
        self.scheduler.step()
        if judged < min(self.validation, default=math.inf):
            checkpoint.save(best, split.model.state_dict())
        self.losses, self.validation = [*self.losses, loss], [*self.validation, judged]
        buffer = BytesIO()
        states = {"model": split.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save(
            {**states, "scheduler": self.scheduler.state_dict(), "losses": self.losses, "validation": self.validation},
            buffer,
        )
        write_atomic(self.path, buffer.getvalue())

    def over(self, how: Training) -> bool:
        """Whether all epochs are done, or the best one is too long ago."""
        done = len(self.losses)
        return done >= how.epochs or (done > 0 and train.over(self.validation, how.patience))

    def _restore(self, split: Split) -> None:
        found = torch.load(self.path, map_location="cpu", weights_only=True)
        split.model.load_state_dict(found["model"])
        self.optimizer.load_state_dict(found["optimizer"])
        self.scheduler.load_state_dict(found["scheduler"])
        self.losses, self.validation = found["losses"], found["validation"]


def _epoch(
    split: Split, samples: Samples, chosen: Sequence[int], how: Training, seed: int, epoch: int, precision: str,
    optimizer: train.Optimizer, weights: torch.Tensor,
) -> float:  # fmt: skip
    """One pass over the training frames; the mean weighted loss."""
    split.train()
    sums = torch.zeros(2, dtype=torch.float64)
    for batch in train.batches(chosen, samples.keys, seed, epoch, how.batch):
        truth = torch.tensor([samples.labels[frame] for frame in batch])
        sums += train.step(split, optimizer, samples.features(batch, epoch), truth, weights, precision)
    return float(sums[0] / sums[1])


def _judged(
    split: Split, samples: Samples, chosen: Sequence[int], how: Training, precision: str, weights: Floats
) -> float:
    """The same loss on validation frames; a class that training never saw counts once."""
    logits = predict.logits(split, samples.features, chosen, how.batch, precision)
    return weighted_loss(logits, [samples.labels[frame] for frame in chosen], np.where(weights > 0, weights, 1.0))


def weighted_loss(logits: Floats, labels: Sequence[int], weights: Floats) -> float:
    """Mean cross-entropy of logits (N, K), each frame weighted by its label's weight."""
    numbers = np.array(labels)
    losses = -np.log(np.maximum(softmax(logits)[np.arange(len(numbers)), numbers], np.finfo(np.float64).tiny))
    return float((losses * weights[numbers]).sum() / weights[numbers].sum())


def _seed(seed: int, epoch: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} epoch {epoch}".encode()).digest()[:7])


def _check(split: Split, trunk: str, loss: float, judged: float, epoch: int, how: Training) -> None:
    if not (math.isfinite(loss) and math.isfinite(judged)):
        raise DataError(f"the loss is {loss} in epoch {epoch + 1}", hint=f"lower train.lr ({how.lr})")
    if train.trunk_buffers(split) != trunk:
        raise AssertionError("the frozen trunk's batch-norm statistics have changed")


def _story(state: _State) -> dict[str, Any]:
    best = int(np.argmin(state.validation))
    return {
        "epochs": len(state.losses),
        "best_epoch": best + 1,
        "validation_loss": state.validation[best],
        "losses": state.losses,
        "validation_losses": state.validation,
    }
