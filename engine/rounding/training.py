"""Every variable's network from every start; each training goes on after its last epoch, wherever it was killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.files import read_json, write_json
from engine.record import Recorder
from engine.rounding.origins import Origin
from engine.rounding.study import Study
from engine.stats.sides import SIDES, TRAIN, VALIDATION
from engine.vision.fit import Sides
from engine.vision.learner import Learner
from engine.vision.remembered import Remembered


def train(study: Study, out: Recorder) -> None:
    """All that is not done yet."""
    out.phase("train")
    memory = Remembered()
    for variable in study.variables:
        for origin in study.origins[variable]:
            if not story(out, variable, origin.start):
                _learn(study, out, variable, origin, memory)


def folder(out: Recorder, variable: str, start: str) -> Path:
    """Where a training keeps its files."""
    return out.work / "fits" / f"{variable}-{start}"


def story(out: Recorder, variable: str, start: str) -> dict[str, Any]:
    """How a training went; empty while it is not over."""
    return read_json(folder(out, variable, start) / "fit.json")


def kept(study: Study, out: Recorder, variable: str) -> Origin:
    """Of the starts of a variable the one that did better on validation; of equals the last round's."""
    return min(study.origins[variable], key=lambda one: story(out, variable, one.start)["validation_loss"])


def learner(study: Study, out: Recorder, variable: str, start: str, memory: Remembered | None = None) -> Learner:
    """A trained network."""
    found = Learner(study.recipe, study.classes(variable), None, memory)
    found.take(folder(out, variable, start) / "best.pt")
    return found


def _learn(study: Study, out: Recorder, variable: str, origin: Origin, memory: Remembered) -> None:
    place = folder(out, variable, origin.start)
    network = Learner(study.recipe, study.classes(variable), origin.path, memory)
    if origin.path is None:
        out.note(f"{variable}: model.weights is empty, so it starts from random weights", "warning")
    write_json(place / "start.json", {"head": network.head_is})
    name, epochs = f"{variable}.{origin.start}", study.recipe.training.epochs

    def said(epoch: int, loss: float, validation: float) -> None:
        out.metric(f"{name}.train_loss", loss, epoch + 1)
        out.metric(f"{name}.validation_loss", validation, epoch + 1)
        out.progress(epoch + 1, epochs, "epochs", f"{variable} from {origin.start}")
        out.checkpoint()

    sides = Sides(*([study.place[unit] for unit in study.given(variable, side)] for side in (TRAIN, VALIDATION)))
    network.fit(study.shown, _numbers(study, variable), sides, place, said)


def _numbers(study: Study, variable: str) -> list[int]:
    """The class number of each frame that is shown, -1 where it has none of this variable."""
    classes, found = study.classes(variable), [-1] * len(study.shown)
    for side in SIDES:
        for unit, name in study.given(variable, side).items():
            found[study.place[unit]] = classes.index(name)
    return found
