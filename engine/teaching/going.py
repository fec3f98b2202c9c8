"""One training of a run: told as it goes, gone on with where it stood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.record import Recorder
from engine.teaching.asking import Compute
from engine.teaching.reading import Images
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.predict import Singles
from engine.vision.trained import Trained
from engine.vision.training import recipe
from engine.vision.training.given import Data, Story, Told
from engine.vision.training.recipe import Recipe


@dataclass(frozen=True)
class Task:
    """What is trained, on what.

    Attributes:
        teacher: (N, K) logits for the training images, or None.
    """

    images: Images
    model: str
    preprocessing: Preprocessing
    augmentation: Augmentation
    compute: Compute
    teacher: Singles | None = None

    def data(self, how: Recipe) -> Data:
        """As training takes it."""
        train, validation = self.images.train, self.images.validation
        none = np.zeros((len(train.labels), 0), np.float32)
        return Data(
            train.pictures(self.preprocessing, self.augmentation, how.seed), train.labels,
            none if self.teacher is None else self.teacher,
            validation.pictures(self.preprocessing), validation.labels,
        )  # fmt: skip

    def what(self) -> Trained:
        """What its weights are called."""
        return Trained(self.model, self.images.classes, self.preprocessing)


def told(out: Recorder, how: Recipe, pictures: int, prefix: str, first_epoch: int) -> Told:
    """What a run says of a training."""
    total = how.epochs * recipe.steps(pictures, how)

    def step(epoch: int, done: int, steps: int) -> None:
        out.progress((epoch - first_epoch) * steps + done, total, "steps", f"epoch {epoch + 1}")

    def epoch(line: Story) -> None:
        for name in ("loss", "lr", "accuracy", "macro_f1", "nll"):
            word = name if name in ("loss", "lr") else f"validation_{name}"
            out.metric(f"{prefix}{word}", line[name], line["epoch"])
        scores = f"loss {line['loss']:.4f}, validation accuracy {line['accuracy']:.4f}, NLL {line['nll']:.4f}"
        print(f"epoch {line['epoch']}: {scores}", flush=True)

    return Told(step, epoch, lambda text: out.note(text, "warning"), lambda: out.stopping, out.checkpoint)
