"""The parts of a leave-one-out study; each ends in a file: done once, found again after a kill. Needs torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.files import write_atomic, write_json
from engine.stats.metrics import Floats
from engine.vision import checkpoint, models, train, weights
from engine.vision.plan import Plan, fingerprint
from engine.vision.split import Split
from engine.vision.train import Said, Samples
from engine.vision.trunk import Changes, Features, Kept, Live


def start(plan: Plan) -> None:
    """The weights that every fold starts from: those given, with a head for our classes.

    Raises:
        AskError: no such model or stage.
        DataError: the file holds the weights of another model.
    """
    if plan.start.exists():
        return
    torch.manual_seed(plan.seed)
    model = models.build(plan.model, len(plan.classes))
    head, given = models.head(plan.model), plan.places.weights
    fits = weights.begin(model, Path(given), head, plan.classes) if given else False
    split = Split(model, plan.train_from)
    facts = {
        "head": ("given" if fits else "new") if plan.places.weights else "random",
        "classes_are_told": bool(plan.places.weights and weights.classes(Path(plan.places.weights))),
        "trunk_sha256": checkpoint.digest(split.trunk.state_dict()),
        "weights_learning": sum(parameter.numel() for parameter in split.learning()),
        "weights_frozen": sum(parameter.numel() for parameter in split.trunk.parameters()),
    }
    write_json(plan.folder / "start.json", facts)
    checkpoint.save(plan.start, model.state_dict())


class Study:
    """A plan with its network in memory."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.where = plan, torch.device(plan.compute.device)
        self.first = checkpoint.load(plan.start)
        model = models.build(plan.model, len(plan.classes))
        self.split = Split(model, plan.train_from, frozen_norm=plan.training.frozen_norm).to(self.where)
        self._begin(0)
        self.trunk_sha256 = checkpoint.digest(self.split.trunk.state_dict())
        self.live = self._live()
        self.all_features: Features = Kept(cache(self._path), self.live) if plan.cached else self.live

    def trunk(self, epoch: int | None) -> None:
        """Have the trunk's output for an epoch in its file."""
        if isinstance(self.all_features, Kept):
            self.all_features.of(epoch)

    def before(self) -> None:
        """What the given weights say about every frame, and their features (N, D) just before the head."""
        self._begin(0)
        found: list[Floats] = []
        head = self.split.model.get_submodule(models.head(self.plan.model)[0].rpartition(".")[0])
        hook = head.register_forward_pre_hook(lambda _, given: found.append(_flat(given[0])))
        scores = self._scores(range(len(self.plan.rows)))
        hook.remove()
        buffer = BytesIO()
        np.savez(buffer, scores=scores, features=np.concatenate(found))
        write_atomic(self.plan.before, buffer.getvalue())

    def fold(self, number: int, said: Said) -> None:
        """Train without the frames of a fold, judge them, and write down both."""
        left_out = self.plan.folds[number]
        history = self._train([n for n in range(len(self.plan.rows)) if n not in left_out], number + 1, said)
        scores = self._scores(left_out)
        write_json(self.plan.result(number), {"losses": history, "scores": scores.tolist()})

    def whole(self, said: Said) -> None:
        """Train on all frames and keep the weights."""
        history = self._train(range(len(self.plan.rows)), 0, said)
        checkpoint.save(self.plan.whole, self.split.model.state_dict())
        write_json(self.plan.result(None), {"losses": history})

    def _train(self, chosen: Sequence[int], number: int, said: Said) -> list[float]:
        self._begin(number)
        plan = self.plan
        samples = Samples(self._features, plan.labels, [plan.keys[row] for row in plan.rows], len(plan.classes))
        return train.fit(self.split, samples, chosen, plan.training, plan.seed, plan.compute.precision, said)

    def _scores(self, frames: Sequence[int]) -> Floats:
        plan = self.plan
        return train.scores(self.split, self._features, frames, plan.training.batch, plan.compute.precision)

    def _features(self, frames: Sequence[int], epoch: int | None) -> Tensor:
        return self.all_features([self.plan.rows[frame] for frame in frames], epoch)

    def _begin(self, number: int) -> None:
        # A fold starts from the same weights and random numbers, wherever and after whatever else it is done.
        self.split.model.load_state_dict(self.first)
        torch.manual_seed(int.from_bytes(hashlib.sha256(f"{self.plan.seed} {number}".encode()).digest()[:7]))

    def _live(self) -> Live:
        plan = self.plan
        frames = np.load(plan.places.frames, mmap_mode="r")
        changes = Changes(plan.preprocessing, plan.augmentation, plan.seed)
        return Live(self.split, frames, plan.keys, changes, self.where, plan.compute.precision)

    def _path(self, epoch: int | None) -> Path:
        """Where the trunk's output for an epoch is kept; named by all that it depends on, and by nothing else."""
        plan = self.plan
        shown = (
            [asdict(plan.augmentation), plan.seed, epoch, plan.keys] if plan.augmentation and epoch is not None else []
        )
        how = [plan.model, plan.train_from, asdict(plan.preprocessing), asdict(plan.compute)]
        return Path(plan.places.cache) / f"{fingerprint([self.trunk_sha256, how, plan.frames_sha256, shown])}.npy"


def _flat(features: Tensor) -> Floats:
    """(B, D) of what a head is given: (B, D), or (B, D, 1, 1) where it is a convolution."""
    return features.detach().flatten(1).cpu().double().numpy()
