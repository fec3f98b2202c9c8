"""What leave-one-out fine-tuning takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from engine.specs.common import Fraction, Group, Label, Preprocess, Spec

# A piece of a file's name.
Word = Annotated[str, Field(pattern=r"^\w[\w.-]*$", description="letters, digits, '_', '.' and '-'")]


class Model(Group):
    """The network and what it starts from."""

    name: Label = "resnet50"
    weights: str | dict[Label, str] = ""
    train_from: Label = "layer4"


class Augment(Group):
    """Random changes of the training images; keyed by (seed, epoch, frame), so every fold sees the same."""

    flip: bool = False
    rotate_degrees: NonNegativeFloat = 0.0
    colour_jitter: Fraction = 0.0


class Train(Group):
    """How one fold is trained."""

    lr: PositiveFloat = 1e-5
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    weight_decay: NonNegativeFloat = 0.0
    epochs: PositiveInt = 15
    batch: PositiveInt = 8
    patience: NonNegativeInt = 3
    class_weights: Literal["inverse", "none"] = "inverse"
    batch_norm: Literal["learn", "frozen"] = "learn"
    augment: Augment = Augment()


class LeaveOneOut(Group):
    """What is left out in each fold, and what the result is compared with."""

    leave_out: Label = "auto"
    before: Literal["auto", "weights", "probe"] = "auto"
    keep_if: Literal["accuracy", "macro_f1", "always"] = "accuracy"
    replicates: PositiveInt = 10_000


class Finetune(Spec):
    """Fine-tunes a classifier on a small gold set and judges it by leave-one-out, one model a variable."""

    variables: tuple[Label, ...] = ()
    names: dict[Label, Word] = {}
    version: Word = "v8"
    gold: Label = "gold.csv"
    videos: str = ""
    model: Model = Model()
    preprocess: Preprocess = Preprocess()
    train: Train = Train()
    loo: LeaveOneOut = LeaveOneOut()
    cache_trunk: bool = True
