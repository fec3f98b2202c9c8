"""What jobs take that ask several teachers: ensemble, and soft labels."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt, field_validator, model_validator

from engine.specs.common import Compute, Group, Label, Spec


class Teacher(Group):
    """Trained weights, under a name of their own."""

    weights: Label
    name: Label | None = None


class Teachers(Spec):
    """Which teachers look at which images."""

    teachers: Annotated[tuple[Label | Teacher, ...], Field(min_length=1)]
    manifest: Label
    data_root: Label = "."
    space: Literal["logit", "prob"] = "logit"
    batch: PositiveInt = 64
    loaders: NonNegativeInt = 0
    compute: Compute = Compute()

    @field_validator("teachers", mode="before")
    @classmethod
    def _one_is_many(cls, given: object) -> object:
        return [given] if isinstance(given, str | dict) else given

    @property
    def asked(self) -> tuple[Teacher, ...]:
        """All teachers in the same form."""
        return tuple(one if isinstance(one, Teacher) else Teacher(weights=one) for one in self.teachers)

    @property
    def weights_files(self) -> dict[str, str]:
        """What `teachers` refers to, for who sends it to a machine."""
        return {str(number): one.weights for number, one in enumerate(self.asked)}


class Ensemble(Teachers):
    """Fuses teachers by weights that are given, swept over or fitted on validation, and reports on test once."""

    validation: Label = "val"
    test: Label = "test"
    weighting: Literal["equal", "fixed", "sweep", "fit"] = "sweep"
    weights: tuple[NonNegativeFloat, ...] = ()
    step: Annotated[float, Field(gt=0, le=1)] = 0.1
    choose: Literal["macro_f1", "accuracy", "nll"] = "macro_f1"
    replicates: Annotated[PositiveInt, Field(ge=100)] = 2000

    @model_validator(mode="after")
    def _weights_are_used(self) -> Ensemble:
        if self.weights and self.weighting != "fixed":
            raise ValueError(f"weights: weighting is {self.weighting} and finds its own: say weighting=fixed")
        return self
