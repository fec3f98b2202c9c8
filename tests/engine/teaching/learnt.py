"""A tiny training for tests: 24 images of three classes, a network of timm made for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from engine.vision import models
from engine.vision.checkpoint import digest
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.trained import Trained, read
from engine.vision.training import fitting, objectives
from engine.vision.training.given import Data, Story, Told
from engine.vision.training.objectives import Objective, Terms
from engine.vision.training.pictures import Pictures
from engine.vision.training.recipe import Recipe
from tests import pictured

MODEL = "test_resnet"
HOW = Preprocessing(pictured.SIDE, "squash", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
WHAT = Trained(MODEL, pictured.CLASSES, HOW)
RECIPE = Recipe(epochs=2, batch=8, lr=3e-3, warmup_epochs=0.5, save_steps=1)


class Killed(BaseException):
    """What a test raises in place of kill -9."""


@dataclass
class Heard:
    """What a training said; ends it where a test wants."""

    at: int = 0  # steps until it dies; 0: never
    steps: int = 0
    lines: list[Story] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def told(self) -> Told:
        return Told(self._step, self.lines.append, self.notes.append, lambda: False, lambda: None)

    def _step(self, _epoch: int, _step: int, _steps: int) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Killed


def data(root: Path, *, augmented: bool = False, teacher: int = 0, broken: str = "") -> Data:
    """Images, 18 to learn from and 9 to judge by; teacher: how many columns of logits there are."""
    if not (root / "images").exists():
        pictured.images(root / "images", each=6)
    if broken:
        (root / "images" / broken).write_text("no picture")
    names = [f"train/{n:03d}.png" for n in range(18)]
    judged = [f"val/{n:03d}.png" for n in range(9)]
    change = Augmentation(flip=True, rotate_degrees=10, colour_jitter=0.2) if augmented else Augmentation()
    both = [tuple(str(root / "images" / name) for name in each) for each in (names, judged)]
    logits = np.random.default_rng(1).normal(size=(18, teacher)).astype(np.float16)
    return Data(
        Pictures(both[0], HOW, change, 0, tuple(names)), np.arange(18) % 3, logits,
        Pictures(both[1], HOW), np.arange(9) % 3,
    )  # fmt: skip


def network(seed: int = 0) -> nn.Module:
    """Weights by chance, always the same."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    return models.build(MODEL, len(pictured.CLASSES))


def fit(
    folder: Path, given: Data, how: Recipe = RECIPE, *, heard: Heard | None = None,
    objective: Objective = objectives.ce, terms: Callable[[int], Terms] = lambda _: Terms(), **more: Any,
) -> Story:  # fmt: skip
    """A training in this process."""
    told = (heard or Heard()).told()
    return fitting.fit(network(), given, how, objective, terms, WHAT, folder, told, **more)


def made(folder: Path) -> dict[str, str]:
    """Hashes of the weights that a training left, and its story."""
    story = (folder / "fit.json").read_text()
    return {"story": story, **{name: digest(read(folder / f"{name}.pt").state) for name in ("best", "last")}}
