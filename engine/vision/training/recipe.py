"""How a network is trained, and what follows from that for each epoch and step: plain functions of their numbers.

Everything that is drawn by chance hangs on (seed, stage, epoch, step) and on nothing that came before. So a position is
the whole random state, and a training that goes on after a kill draws what it would have drawn.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.stats.metrics import Ints


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Attributes:
        epochs: to run.
        batch: pictures that one step of the optimiser sees.
        accumulate: into how many pieces a batch is cut, whose gradients are added up.
        warmup_epochs: in which the learning rate rises from 0; may be a part of one.
        schedule: `cosine` falls to 0 at the end; `step` multiplies by `step_factor` after every `step_epochs`.
        weight_decay: of matrices and kernels; biases and norms have none.
        ema: decay of the running mean of weights, which is then what is judged and kept; 0: none.
        mixup: alpha of the Beta that two pictures are mixed by; 0: none.
        label_smoothing: share of the truth that is spread over all classes.
        balance: `weights` in the loss or `sampling` of pictures by inverse frequency.
        clip_norm: the longest gradient; 0: any.
        keep: which score on validation says what is best.
        save_steps: a checkpoint after so many steps inside an epoch as well; 0: after epochs only.
        name: of the stage; part of all seeds.
    """

    epochs: int
    batch: int = 64
    accumulate: int = 1
    lr: float = 1e-3
    optimizer: Literal["adamw", "adam", "sgd"] = "adamw"
    weight_decay: float = 0.05
    schedule: Literal["cosine", "step"] = "cosine"
    warmup_epochs: float = 0.0
    step_epochs: int = 10
    step_factor: float = 0.1
    ema: float = 0.0
    mixup: float = 0.0
    label_smoothing: float = 0.0
    balance: Literal["none", "weights", "sampling"] = "none"
    clip_norm: float = 0.0
    keep: Literal["accuracy", "macro_f1", "nll"] = "accuracy"
    save_steps: int = 500
    workers: int = 0
    precision: str = "fp32"
    seed: int = 0
    name: str = "ce"


def order(labels: Ints, how: Recipe, epoch: int) -> list[list[int]]:
    """The numbers of the pictures of an epoch, in batches of nearly equal size, `batch` at most.

    Equal, because a last batch of one picture would be a step with the statistics of a single picture. Balanced
    sampling draws as many pictures as there are, each class equally often but for chance.
    """
    random = np.random.default_rng(seed(how, epoch))
    if how.balance == "sampling":
        chances = 1 / np.bincount(labels)[labels]
        numbers = random.choice(len(labels), len(labels), p=chances / chances.sum())
    else:
        numbers = random.permutation(len(labels))
    return [[int(n) for n in piece] for piece in np.array_split(numbers, steps(len(labels), how))]


def steps(pictures: int, how: Recipe) -> int:
    """How many steps an epoch has."""
    return math.ceil(pictures / how.batch)


def rate(how: Recipe, done: float) -> float:
    """The learning rate of the step after which `done` epochs are over, a part of one counting as such."""
    if done < how.warmup_epochs:
        return how.lr * done / how.warmup_epochs
    if how.schedule == "step":
        return float(how.lr * how.step_factor ** max(0, math.ceil(done / how.step_epochs) - 1))
    falling = (done - how.warmup_epochs) / max(how.epochs - how.warmup_epochs, 1e-9)
    return how.lr * (1 + math.cos(math.pi * min(falling, 1.0))) / 2


def share(how: Recipe, epoch: int, step: int) -> float:
    """How much of each picture of a step is its own, the rest being that of another; 1 without mixup."""
    return float(np.random.default_rng(seed(how, epoch, step)).beta(how.mixup, how.mixup)) if how.mixup else 1.0


def seed(how: Recipe, *place: int) -> int:
    """What chance hangs on in an epoch, or in a step of it."""
    words = " ".join(map(str, [how.seed, how.name, *place]))
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:7])


def better(found: float, best: float | None, how: Recipe) -> bool:
    """Whether a score on validation is better than the best so far; an equal one is not."""
    return best is None or (found < best if how.keep == "nll" else found > best)


def cut(batch: Sequence[int], pieces: int) -> list[list[int]]:
    """The places in a batch, cut into pieces of nearly equal size, of two pictures at least."""
    return [
        [int(n) for n in piece] for piece in np.array_split(np.arange(len(batch)), min(pieces, most_pieces(len(batch))))
    ]


def most_pieces(pictures: int) -> int:
    """Into how many pieces a batch may be cut: one picture alone has no statistics that batch norm could take."""
    return max(1, pictures // 2)
