"""From what a spec asks for to what training takes: device, recipe, the network and what it starts from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from engine import registry
from engine.files import sha256
from engine.record import Recorder
from engine.specs.learning import Learn, LearnCompute, Learning, Model
from engine.specs.losses import Loss
from engine.vision import device, models, weights
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.training.objectives import Objective, Terms
from engine.vision.training.recipe import Recipe

MOST_WORKERS = 8


@dataclass(frozen=True)
class Compute:
    """What the arithmetic runs on."""

    where: torch.device
    precision: str
    workers: int


def compute(asked: LearnCompute, out: Recorder) -> Compute:
    """Take the device that the run was given."""
    where = device.settle(out.device, asked.threads)
    precision = device.mixed(asked.precision, where)
    found = Compute(where, precision, _workers(asked, where))
    loads = f"{found.workers} processes load" if found.workers else "loads by itself"
    threads = f"{asked.threads} thread{'s' * (asked.threads > 1)}"
    out.note(f"{precision} on {where}, {threads}, {loads}: {device.facts(where)['hardware']}")
    return found


def preprocessing(spec: Learning) -> Preprocessing:
    """From an image to what the network takes; it is a part of every checkpoint."""
    return Preprocessing(**spec.preprocess.model_dump())


def augmentation(spec: Learn) -> Augmentation:
    """Random changes of training images."""
    return Augmentation(**spec.augment.model_dump())


def recipe(
    spec: Learn, name: str, epochs: int, seed: int, asked: LearnCompute, found: Compute, **more: float
) -> Recipe:
    """How a stage is trained."""
    how = spec.model_dump(include=set(Recipe.__dataclass_fields__))
    fixed = {"warmup_epochs": spec.lr_warmup_epochs, "save_steps": asked.checkpoint_steps, "seed": seed}
    return Recipe(
        **{
            **how,
            **fixed,
            "workers": found.workers,
            "precision": found.precision,
            **more,
            "name": name,
            "epochs": epochs,
        }
    )


def objective(loss: Loss) -> Objective:
    """The function of a loss."""
    found: Objective = registry.load(loss.entry)
    return found


def terms(numbers: dict[str, float], epoch: int) -> Terms:
    """The numbers of a loss in an epoch of its stage, counted from 0; the teacher's part grows while it warms up."""
    kept = {key: value for key, value in numbers.items() if key != "warmup_epochs"}
    warmup = numbers.get("warmup_epochs", 0)
    return Terms(**kept, strength=min((epoch + 1) / warmup, 1.0) if warmup else 1.0)


def terms_of(numbers: dict[str, float]) -> partial[Terms]:
    """The same as a function of the epoch."""
    return partial(terms, numbers)


def network(model: Model, classes: tuple[str, ...], seed: int, out: Recorder) -> nn.Module:
    """The network with the weights that it starts from; random ones where none are named."""
    torch.manual_seed(seed)
    built = models.build(model.name, len(classes))
    if not model.weights:
        out.note(f"{model.name} starts from random weights, since model.weights is empty", "warning")
        return built
    path = out.resolve(model.weights)
    given = weights.begin(built, path, models.head(model.name), classes)
    head = "with its head" if given else "its head begins with zeros, since it is for other classes"
    out.note(f"{model.name} starts from {model.weights}, {head}; sha256 {sha256(path)[:12]}")
    return built


def _workers(asked: LearnCompute, where: torch.device) -> int:
    if asked.processes != "auto":
        return int(asked.processes)
    return min(MOST_WORKERS, len(os.sched_getaffinity(0)) - 1) if where.type == "cuda" else 0
