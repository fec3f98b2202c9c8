"""A tiny labelled image set, and teachers for it: networks of timm made for tests, with random weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from engine import tables
from engine.vision import models
from engine.vision.data import Preprocessing
from engine.vision.trained import Trained, save

CLASSES = ("angry", "happy", "sad")
SIDE = 32
SPLITS = ("train", "val", "test")


def images(root: Path, each: int = 8, seed: int = 0) -> Path:
    """`each` images of every class and split below a folder, and their manifest beside it."""
    random = np.random.default_rng(seed)
    rows = []
    for split in SPLITS:
        for number in range(each * len(CLASSES)):
            label = CLASSES[number % len(CLASSES)]
            name = f"{split}/{number:03d}.png"
            picture(root / name, random, CLASSES.index(label))
            rows.append((name, label, split, "web"))
    return manifest(root.parent / "all.csv", rows)


def picture(path: Path, random: np.random.Generator, kind: int) -> None:
    """Noise around a colour of its class."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = random.integers(0, 120, (SIDE, SIDE, 3))
    pixels[..., kind % 3] += 100
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def manifest(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """A manifest of rows: image_path, label, split, source."""
    with tables.writer(path, ("image_path", "label", "split", "source")) as table:
        for row in rows:
            table.write(*row)
    return path


def teacher(path: Path, seed: int, classes: Sequence[str] = CLASSES, name: str = "test_resnet") -> Path:
    """Weights of a teacher, with its card inside; the head is loud, so that its scores differ."""
    torch.manual_seed(seed)
    built = models.build(name, len(classes))
    state = built.state_dict()
    for key in models.head(name):
        state[key] = torch.randn_like(state[key])
    how = Preprocessing(SIDE, "squash", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    path.parent.mkdir(parents=True, exist_ok=True)
    save(path, Trained(name, tuple(classes), how, 1, 1, state))
    return path
