"""What the training of a student takes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from engine.specs.common import Group, Label
from engine.specs.learning import Learn, Learning, Model
from engine.specs.losses import Loss, known

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", description="a short word, as kd or kd-cold")]
Above0 = PositiveFloat | Annotated[tuple[PositiveFloat, ...], Field(min_length=1)]
From0 = NonNegativeFloat | Annotated[tuple[NonNegativeFloat, ...], Field(min_length=1)]
NUMBERS = ("temperature", "alpha", "beta", "gamma", "warmup_epochs")


class Stage(Group):
    """One stage: what is made smaller, and for how many epochs; a list of numbers makes a sweep."""

    epochs: PositiveInt
    loss: Label | None = None
    temperature: Above0 | None = None
    alpha: From0 | None = None
    beta: From0 | None = None
    gamma: NonNegativeFloat | None = None
    warmup_epochs: NonNegativeInt | None = None
    lr: PositiveFloat | None = None

    @property
    def given(self) -> dict[str, float | tuple[float, ...]]:
        """The numbers that were asked for."""
        return {key: value for key in NUMBERS if (value := getattr(self, key)) is not None}

    @property
    def lists(self) -> dict[str, tuple[float, ...]]:
        """Those that have several values."""
        return {key: value for key, value in self.given.items() if isinstance(value, tuple)}


class Distill(Learning):
    """Trains a small network in stages, of which some learn from the soft labels of teachers."""

    model: Model = Model(name="mobilenetv3_large_100")
    softlabels: str = ""
    stages: dict[Word, Stage]
    train: Learn = Learn()

    @model_validator(mode="after")
    def _stages_make_sense(self) -> Distill:
        if not self.stages:
            raise ValueError("stages: expected one at least, such as ce: {epochs: 10}")
        for name, stage in self.stages.items():
            self.train.must_rise_within(stage.epochs, f"stages.{name}.epochs")
            loss = self.loss(name)
            _takes(f"stages.{name}", stage, loss)
            if loss.teacher and not self.softlabels:
                raise ValueError(f"softlabels: stage {name!r} learns from a teacher: name run:ID of a softlabels run")
            if not loss.mixes and self.train.label_smoothing and not loss.teacher:
                raise ValueError(f"stages.{name}: its loss knows one class a picture: set train.label_smoothing to 0")
        return self

    def loss(self, name: str) -> Loss:
        """What a stage makes smaller: the loss that it names, or that it is called by."""
        stage = self.stages[name]
        return known(stage.loss or name, f"stages.{name}.loss")

    def numbers(self, name: str) -> dict[str, float]:
        """The numbers of a stage's loss; of those that have several values what they are where nobody says."""
        given = {key: value for key, value in self.stages[name].given.items() if not isinstance(value, tuple)}
        return {**self.loss(name).numbers, **given}

    @property
    def swept(self) -> list[tuple[str, str, tuple[float, ...]]]:
        """(stage, key, values) of each number that has several values."""
        return [(name, key, values) for name, stage in self.stages.items() for key, values in stage.lists.items()]


def _takes(place: str, stage: Stage, loss: Loss) -> None:
    for key, value in stage.given.items():
        if key not in loss.numbers:
            raise ValueError(f"{place}.{key}: this loss takes {', '.join(loss.numbers) or 'no numbers'}")
        if isinstance(value, tuple) and len(set(value)) < len(value):
            raise ValueError(f"{place}.{key}: expected each number once, got {value}")
        most = loss.at_most.get(key)
        if most is not None and max(value if isinstance(value, tuple) else (value,)) > most:
            raise ValueError(f"{place}.{key}: expected at most {most:g}, got {value}")
