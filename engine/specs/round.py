"""What a round of active learning takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from engine.annotations.moment import moment
from engine.errors import AskError
from engine.specs.common import Fraction, Group, Label, Preprocess, Spec

Part = Annotated[float, Field(gt=0, lt=1)]
Score = Literal["entropy", "margin", "bald", "k_centre", "badge", "typical"]


class Labels(Group):
    """Which labels count."""

    as_of: str = ""
    single_coded: bool = True

    @field_validator("as_of")
    @classmethod
    def _a_moment(cls, text: str) -> str:
        try:
            moment(text or "0")
        except AskError as error:
            raise ValueError(f"{error.message}; {error.hint}") from None
        return text


class Sets(Group):
    """How frames are shared out to test, validation and training."""

    test: Part = 0.2
    validation: Part = 0.2
    together: tuple[Label, ...] = ("scene",)
    stop: NonNegativeInt = 100


class Model(Group):
    """The network and what round 0 starts from."""

    name: Label = "resnet50"
    weights: str | dict[Label, str] = ""
    train_from: str = ""


class Augment(Group):
    """Random changes of the training images."""

    flip: bool = True
    rotate_degrees: NonNegativeFloat = 10.0
    colour_jitter: Fraction = 0.2


class Train(Group):
    """How a model is trained."""

    lr: PositiveFloat = 1e-4
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    weight_decay: NonNegativeFloat = 0.0
    epochs: PositiveInt = 30
    batch: PositiveInt = 32
    patience: NonNegativeInt = 5
    step_epochs: PositiveInt = 10
    step_factor: Annotated[float, Field(gt=0, le=1)] = 0.1
    class_weights: Literal["inverse", "none"] = "inverse"
    batch_norm: Literal["learn", "frozen"] = "learn"
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    augment: Augment = Augment()


class Query(Group):
    """Which frames coders are asked for next."""

    frames: PositiveInt = 100
    score: Score = "entropy"
    draw: Literal["top", "power", "softmax", "softrank"] = "top"
    sharpness: PositiveFloat = 1.0
    random: Fraction = 0.15
    per_video: PositiveInt = 3
    apart_s: NonNegativeFloat = 1.0
    typical_below: NonNegativeInt = 5
    passes: PositiveInt = 20


class Round(Spec):
    """One round: trains on all labels, judges on a fixed test set, and asks coders for the frames that tell most."""

    variables: tuple[Label, ...] = ()
    videos: str = ""
    start: Literal["chain", "base", "both"] = "chain"
    labels: Labels = Labels()
    sets: Sets = Sets()
    model: Model = Model()
    preprocess: Preprocess = Preprocess()
    train: Train = Train()
    query: Query = Query()
    near_bits: Annotated[int, Field(ge=0, le=32)] = 4
    replicates: PositiveInt = 10_000

    @model_validator(mode="after")
    def _dropout_where_it_is_drawn_upon(self) -> Round:
        if self.query.score == "bald" and not self.train.dropout:
            raise ValueError("query.score: bald asks what dropout makes uncertain; set train.dropout, such as 0.5")
        return self

    @model_validator(mode="after")
    def _draw_from_scores(self) -> Round:
        if self.query.score in ("k_centre", "badge", "typical") and self.query.draw != "top":
            raise ValueError(f"query.draw: {self.query.score} chooses a whole batch by itself; draw: top goes with it")
        return self
