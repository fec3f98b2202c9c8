"""Groups of keys that jobs share which train on the images of a manifest."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from engine.specs.common import Compute, Fraction, Group, Label, Preprocess, Spec

Part = Annotated[float, Field(ge=0, lt=1)]


class Splits(Group):
    """What the manifest calls its splits; an empty name: there is none."""

    train: Label = "train"
    validation: Label = "val"
    test: str = "test"


class Model(Group):
    """The network and what it starts from."""

    name: Label
    weights: str = ""


class Augment(Group):
    """Random changes of training images; keyed by (seed, epoch, image)."""

    flip: bool = False
    rotate_degrees: NonNegativeFloat = 0.0
    colour_jitter: Fraction = 0.0


class Learn(Group):
    """How a network is trained."""

    lr: PositiveFloat = 1e-3
    optimizer: Literal["adamw", "adam", "sgd"] = "adamw"
    weight_decay: NonNegativeFloat = 0.05
    schedule: Literal["cosine", "step"] = "cosine"
    lr_warmup_epochs: NonNegativeFloat = 1.0
    step_epochs: PositiveInt = 10
    step_factor: Annotated[float, Field(gt=0, le=1)] = 0.1
    batch: PositiveInt = 64
    accumulate: PositiveInt = 1
    ema: Part = 0.0
    label_smoothing: Part = 0.0
    balance: Literal["none", "weights", "sampling"] = "none"
    clip_norm: NonNegativeFloat = 0.0
    keep: Literal["accuracy", "macro_f1", "nll"] = "accuracy"
    augment: Augment = Augment()

    @model_validator(mode="after")
    def _pieces_fit(self) -> Learn:
        if 2 * self.accumulate > self.batch > 1:
            raise ValueError(f"accumulate: expected at most {self.batch // 2}, half of batch, got {self.accumulate}")
        return self

    def must_rise_within(self, epochs: int, place: str) -> None:
        """ValueError where a training ends before its learning rate is what was asked for."""
        if self.lr_warmup_epochs > epochs:
            raise ValueError(f"{place}: {epochs} end before lr has risen, which takes {self.lr_warmup_epochs:g}")


class LearnCompute(Compute):
    """Where and how the arithmetic is done; `processes` load pictures, 0: the job's own."""

    precision: Literal["fp32", "bf16", "fp16", "auto"] = "auto"  # type: ignore[assignment]
    processes: NonNegativeInt | Literal["auto"] = "auto"
    checkpoint_steps: NonNegativeInt = 500


class Learning(Spec):
    """What jobs take that train on the images of a manifest."""

    manifest: Label = "manifest.csv"
    data_root: Label = "."
    missing: Literal["stop", "skip"] = "stop"
    splits: Splits = Splits()
    preprocess: Preprocess = Preprocess()
    compute: LearnCompute = LearnCompute()
