"""The one loop in which teachers and students learn; it may be killed anywhere and goes on to the same weights.

In the folder: `state.pt`, all that the training is, after every epoch and every so many steps; `best.pt`; and when it
is over `last.pt` and `fit.json`, its story, in place of the state. Needs torch.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from torch import nn

from engine.errors import DataError
from engine.files import read_json, write_json
from engine.vision import trained
from engine.vision.trained import Trained
from engine.vision.training.epochs import Epochs
from engine.vision.training.given import Data, Story, Told
from engine.vision.training.objectives import Objective, Terms
from engine.vision.training.recipe import Recipe
from engine.vision.training.state import State


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
    epochs = Epochs(state, data, how, objective, what, folder, told, first_epoch)
    while state.at.epoch < how.epochs:
        epochs.train(terms(state.at.epoch))
        told.epoch(epochs.conclude())
        told.leave()
    trained.save(folder / "last.pt", epochs.weights_now(first_epoch + how.epochs))
    write_json(folder / "fit.json", _story(state, how, first_epoch))
    state.path.unlink()
    return read_json(folder / "fit.json")


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
