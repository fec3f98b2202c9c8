"""The stages of a student, one after another: each begins with the best weights of the one before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from engine.errors import SpecError
from engine.record import Recorder
from engine.specs.distill import Distill
from engine.teaching import asking, going, judging, leaving
from engine.teaching.going import Task
from engine.teaching.judging import Judged
from engine.vision import trained, weights
from engine.vision.training import fitting
from engine.vision.training.given import Story


@dataclass(frozen=True)
class Done:
    """A stage that is over."""

    name: str
    story: Story
    judged: Judged


def stages(spec: Distill, out: Recorder, task: Task) -> list[Done]:
    """All stages in their order; each leaves its artifacts when it is over.

    Raises:
        SpecError: a loss means nothing with so few classes.
    """
    _must_mean_something(spec, task)
    network = asking.network(spec.model, task.images.classes, spec.seed, out).to(task.compute.where)
    epochs, found = _before(spec, out), list[Done]()
    if epochs:
        out.note(f"{spec.model.weights} has {epochs} epochs behind it: numbers of epochs go on from there")
    for name in spec.stages:
        found.append(_stage(spec, out, task, network, name, epochs))
        epochs += spec.stages[name].epochs
        network.load_state_dict(found[-1].judged.weights.state)
    return found


def _stage(spec: Distill, out: Recorder, task: Task, network: nn.Module, name: str, before: int) -> Done:
    stage, loss = spec.stages[name], spec.loss(name)
    out.phase(name)
    lr = {} if stage.lr is None else {"lr": stage.lr}
    recipe = asking.recipe(spec.train, name, stage.epochs, spec.seed, spec.compute, task.compute, **lr)
    numbers = spec.numbers(name)
    told = ", ".join(f"{key} {value:g}" for key, value in numbers.items())
    out.note(f"{name}: epochs {before + 1} to {before + stage.epochs}{'; ' * bool(told)}{told}")
    folder = out.work / name
    data = (task if loss.teacher else replace(task, teacher=None)).data(recipe)
    story = fitting.fit(
        network, data, recipe, asking.objective(loss), asking.terms_of(numbers), task.what(), folder,
        going.told(out, recipe, len(data.labels), f"{name}.", before), first_epoch=before,
    )  # fmt: skip
    judged = judging.judge(folder / "best.pt", task.images, task.compute, recipe.batch, spec.seed)
    judging.tell(out, f"{name}.", judged)
    leaving.write(out, f"{name}/", folder, story, judged)
    out.checkpoint()
    return Done(name, story, judged)


def _before(spec: Distill, out: Recorder) -> int:
    """How many epochs the weights to start from have behind them."""
    if not spec.model.weights:
        return 0
    path: Path = out.resolve(spec.model.weights)
    return trained.read(path).epochs if "epochs" in weights.card(path) else 0


def _must_mean_something(spec: Distill, task: Task) -> None:
    count = len(task.images.classes)
    for name in spec.stages:
        if count < spec.loss(name).fewest_classes:
            words = f"stages.{name}: with {count} classes it is plain KD: there is only one other class"
            raise SpecError([words], hint="use the loss kd")
