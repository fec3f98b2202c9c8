"""Epochs of one training: pictures go through, are judged, and what is best is kept. Needs torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.errors import DataError
from engine.stats import metrics
from engine.stats.calibration import nll
from engine.vision import logits, losses, trained
from engine.vision.trained import Trained
from engine.vision.training import recipe, stepping
from engine.vision.training.given import Data, Story, Told
from engine.vision.training.loading import Loading
from engine.vision.training.objectives import Objective, Terms
from engine.vision.training.recipe import Recipe
from engine.vision.training.state import State


class Epochs:
    """Epochs of one training, one after another."""

    def __init__(
        self, state: State, data: Data, how: Recipe, objective: Objective, what: Trained, folder: Path, told: Told,
        first_epoch: int,
    ) -> None:  # fmt: skip
        self.state, self.data, self.how, self.objective, self.told = state, data, how, objective, told
        self.what, self.folder, self.first = what, folder, first_epoch
        self.where = next(state.network.parameters()).device
        self.loading, self.showing = (Loading(each, how.workers) for each in (data.train, data.validation))
        classes, truth = len(what.classes), torch.from_numpy(data.labels)
        even = torch.ones(classes)
        weights = losses.inverse_frequency(truth, classes) if how.balance == "weights" else even
        self.truth, self.weights = truth, weights.to(self.where)

    def train(self, terms: Terms) -> None:
        """The rest of an epoch."""
        at, told = self.state.at, self.told
        epoch = self.first + at.epoch
        batches = recipe.order(self.data.labels, self.how, epoch)[at.step :]
        count = at.step + len(batches)
        self.state.network.train()
        for frames, numbers in self.loading([[(n, epoch) for n in batch] for batch in batches]):
            self._step(frames, numbers, terms, count)
            told.step(epoch, at.step, count)
            if told.stopping() or (self.how.save_steps and at.step % self.how.save_steps == 0 and at.step < count):
                self.state.save()
                told.leave()

    def _step(self, frames: Tensor, numbers: Tensor, terms: Terms, count: int) -> None:
        at, how, where = self.state.at, self.how, self.where
        for group in self.state.optimizer.param_groups:
            group["lr"] = recipe.rate(how, at.epoch + (at.step + 1) / count)
        teacher = torch.from_numpy(self.data.teacher[numbers.numpy()]).float().to(where)
        batch = stepping.known(self.truth[numbers].to(where), teacher, self.weights, how)
        images, batch = stepping.mixed(
            self.data.train.images(frames.to(where)), batch, recipe.share(how, at.epoch, at.step)
        )
        lost = stepping.step(self.state, images, batch, self.objective, terms, how, self.told.note)
        at.lost = (at.lost[0] + lost * len(numbers), at.lost[1] + len(numbers))
        at.step, at.total = at.step + 1, at.total + 1

    def conclude(self) -> Story:
        """Judge the epoch, keep its weights if they are the best, and save all; its line of history."""
        at, epoch = self.state.at, self.first + self.state.at.epoch + 1
        scores = self._judged()
        line: Story = {"epoch": epoch, "stage": self.how.name, "lr": self.state.optimizer.param_groups[0]["lr"]}
        line |= {"loss": at.lost[0] / at.lost[1], **scores}
        if recipe.better(scores[self.how.keep], at.best, self.how):
            trained.save(self.folder / "best.pt", self.weights_now(epoch))
            at.best = scores[self.how.keep]
        at.history.append(line)
        at.epoch, at.step, at.lost = at.epoch + 1, 0, (0.0, 0.0)
        self.state.save()
        return line

    def weights_now(self, epoch: int) -> Trained:
        """The weights as they are, which stand after an epoch."""
        last = self.first + self.how.epochs
        return replace(self.what, state=self.state.judged.state_dict(), epoch=epoch, epochs=last)

    def _judged(self) -> dict[str, float]:
        """Scores on validation."""
        pictures, truth = self.data.validation, self.data.validation_labels
        found = logits.through(self.state.judged, pictures, self.showing, self.how.batch, self.how.precision)
        said = np.concatenate(list(found)).astype(np.float64)
        if not np.isfinite(said).all():
            raise DataError(f"a logit is no number in epoch {self.state.at.epoch + 1}", hint="lower lr")
        table = metrics.confusion(truth, said.argmax(1), said.shape[1])
        accuracy, macro_f1 = float(metrics.accuracy(table)), float(metrics.macro_f1(table))
        return {"accuracy": accuracy, "macro_f1": macro_f1, "nll": nll(said, truth)}
