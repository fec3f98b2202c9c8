"""The one loop in which teachers and students learn; it may be killed anywhere and goes on to the same weights.

In the folder: `state.pt`, all that the training is, after every epoch and every so many steps; `best.pt`; and when it
is over `last.pt` and `fit.json`, its story, in place of the state. Needs torch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.errors import DataError
from engine.files import read_json, write_json
from engine.stats import metrics
from engine.stats.calibration import nll
from engine.stats.metrics import Ints
from engine.vision import logits, losses, trained
from engine.vision.predict import Singles
from engine.vision.trained import Trained
from engine.vision.training import recipe, stepping
from engine.vision.training.loading import Loading
from engine.vision.training.objectives import Objective, Terms
from engine.vision.training.pictures import Pictures
from engine.vision.training.recipe import Recipe
from engine.vision.training.state import State

Story = dict[str, Any]


@dataclass(frozen=True)
class Data:
    """What is learnt from, and what says how well.

    Attributes:
        train: pictures.
        labels: (N,) their class numbers.
        teacher: (N, K) logits of the teacher, or (N, 0) where the loss asks for none.
        validation: pictures.
        validation_labels: (M,).
    """

    train: Pictures
    labels: Ints
    teacher: Singles
    validation: Pictures
    validation_labels: Ints


@dataclass(frozen=True)
class Told:
    """Who hears of a training.

    Attributes:
        step: epoch and step, both counted from 0, and steps of an epoch.
        epoch: the line of history of an epoch, when it is saved.
        note: something worth reading.
        stopping: whether to save and leave.
        leave: called when all is saved; what it raises ends the training.
    """

    step: Callable[[int, int, int], None]
    epoch: Callable[[Story], None]
    note: Callable[[str], None]
    stopping: Callable[[], bool]
    leave: Callable[[], None]


def fit(
    network: nn.Module, data: Data, how: Recipe, objective: Objective, terms: Callable[[int], Terms], what: Trained,
    folder: Path, told: Told, *, first_epoch: int = 0,
) -> Story:  # fmt: skip
    """Train a network, on its device; `best.pt` and `last.pt` are in the folder, and how it went comes back.

    Args:
        terms: numbers of the loss in an epoch of this training, counted from 0.
        what: what the weights are called in their files.
        first_epoch: how many epochs came before; numbers of epochs go on from there.

    Raises:
        DataError: there is nothing to learn from or no epoch to run, a picture cannot be read, the loss is no number.
    """
    _must_run(data, how)
    folder.mkdir(parents=True, exist_ok=True)
    if story := read_json(folder / "fit.json"):
        return story
    state = State(network, how, folder / "state.pt")
    pass_ = _Pass(state, data, how, objective, what, folder, told, first_epoch)
    while state.at.epoch < how.epochs:
        pass_.train(terms(state.at.epoch))
        told.epoch(pass_.conclude())
        told.leave()
    trained.save(folder / "last.pt", pass_.weights_now(first_epoch + how.epochs))
    write_json(folder / "fit.json", _story(state, how, first_epoch))
    state.path.unlink()
    return read_json(folder / "fit.json")


class _Pass:
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


def _must_run(data: Data, how: Recipe) -> None:
    if how.epochs < 1:
        raise DataError(
            f"{how.name}: {how.epochs} epochs would train nothing", hint="epochs are those to run, 1 or more"
        )
    if not len(data.labels) or not len(data.validation_labels):
        part = "validation" if len(data.labels) else "train"
        raise DataError(f"{how.name}: no pictures to {part}", hint="the manifest's column split says which is which")


def _story(state: State, how: Recipe, first_epoch: int) -> Story:
    history = state.at.history
    best = min if how.keep == "nll" else max
    at = best(range(len(history)), key=lambda n: history[n][how.keep])
    return {
        "stage": how.name,
        "epochs": len(history),
        "first_epoch": first_epoch + 1,
        "last_epoch": first_epoch + len(history),
        "best_epoch": history[at]["epoch"],
        "kept_by": how.keep,
        how.keep: history[at][how.keep],
        "steps": state.at.total,
        "pieces": state.at.pieces,
        "history": history,
    }
