"""One variable's network: what it starts from, how it learns, and what it says. Needs torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.stats.metrics import Floats
from engine.vision import checkpoint, fit, models, predict, weights
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.fit import Said, Schedule, Sides
from engine.vision.plan import Training, fingerprint
from engine.vision.predict import Seen
from engine.vision.remembered import Remembered
from engine.vision.shelf import Shelf
from engine.vision.split import Split
from engine.vision.train import Samples
from engine.vision.trunk import Changes, Features, Kept, Live

JUDGED = 32  # frames at a time, where nothing is learnt


@dataclass(frozen=True)
class Recipe:
    """How networks of a round learn.

    Attributes:
        train_from: the first part that learns; empty: all of it.
        dropout: the share of features that are dropped before the head while it learns.
        cache: where the output of frozen parts is kept.
    """

    model: str
    train_from: str
    preprocessing: Preprocessing
    augmentation: Augmentation
    training: Training
    schedule: Schedule
    dropout: float
    seed: int
    device: str
    precision: str
    facts: dict[str, Any]
    cache: Path


class Learner:
    """A network for some classes, which starts from a file of weights, or from chance where there is none.

    Networks of one round share a memory of what their frozen trunk says.

    Raises:
        AskError: no such model or stage.
        DataError: the file holds the weights of another model.
    """

    def __init__(
        self, recipe: Recipe, classes: Sequence[str], start: Path | None, memory: Remembered | None = None
    ) -> None:
        self.recipe, self.classes, self.memory = recipe, classes, memory or Remembered()
        torch.manual_seed(recipe.seed)
        model = models.build(recipe.model, len(classes))
        names = models.head(recipe.model)
        given = weights.begin(model, start, names, classes) if start else False
        self.head_is = ("given" if given else "new") if start else "random"
        stage = recipe.train_from or models.stages(model)[0]
        frozen = recipe.training.frozen_norm
        self.split = Split(model, stage, frozen_norm=frozen).to(torch.device(recipe.device))
        self.head: nn.Module = self.split.model.get_submodule(names[0].rpartition(".")[0])
        if recipe.dropout:
            predict.dropping(self.head, recipe.dropout)

    def fit(self, shelf: Shelf, labels: Sequence[int], sides: Sides, folder: Path, said: Said) -> dict[str, Any]:
        """Train on labelled frames; the network is left as the last epoch made it, `best.pt` holds the best."""
        samples = Samples(self._views(shelf), labels, _names(shelf), len(self.classes))
        how = self.recipe
        return fit.fit(self.split, samples, sides, how.training, how.schedule, how.seed, how.precision, folder, said)

    def take(self, path: Path) -> None:
        """Become what a training kept."""
        self.split.model.load_state_dict(checkpoint.load(path))

    def logits(self, shelf: Shelf) -> Floats:
        """(N, K) of labelled frames."""
        return predict.logits(self.split, self._views(shelf), range(len(shelf)), JUDGED, self.recipe.precision)

    def look(self, shelf: Shelf, frames: Sequence[int], passes: int) -> Seen:
        """All that scores of the pool are made of, for some frames of a shelf."""
        how, live = self.recipe, self._live(shelf)
        features = self.memory.through(self._trunk(), live) if how.train_from else live
        return predict.look(
            self.split, self.head, features, frames, JUDGED, how.precision, passes, how.dropout, how.seed
        )

    def _views(self, shelf: Shelf) -> Features:
        live = self._live(shelf)
        if not self.recipe.train_from:
            return live
        kept = Kept(lambda _: self._place(shelf), live)
        if not self.recipe.augmentation:
            return lambda frames, _: kept(frames, None)
        changed = self.memory.through(self._trunk(), live)
        return lambda frames, epoch: kept(frames, None) if epoch is None else changed(frames, epoch)

    def _live(self, shelf: Shelf) -> Live:
        how = self.recipe
        changes = Changes(how.preprocessing, how.augmentation, how.seed)
        return Live(self.split, shelf, _names(shelf), changes, torch.device(how.device), how.precision)

    def _trunk(self) -> str:
        return checkpoint.digest(self.split.trunk.state_dict())

    def _place(self, shelf: Shelf) -> Path:
        """Where the frozen part's output is kept; named by all that it depends on, and by nothing else."""
        how, trunk = self.recipe, self._trunk()
        what = [how.model, how.train_from, asdict(how.preprocessing), how.device, how.precision, how.facts]
        return how.cache / f"{fingerprint([trunk, what, shelf.digest()])}.npy"


def _names(shelf: Shelf) -> list[str]:
    return [f"{video_id}:{index}" for video_id, index in shelf.keys]
