"""What the job takes that writes soft labels."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeFloat, model_validator
from pydantic_core import PydanticCustomError

from engine.specs.common import Label
from engine.specs.ensemble import Teacher, Teachers


class SoftLabels(Teachers):
    """Writes what teachers say of each training image, fused and one by one, for students to learn from."""

    teachers: tuple[Label | Teacher, ...] = ()
    ensemble: Annotated[
        str, Field(pattern=r"^(.+/ensemble_metrics\.json)?$", description="run:ID/ensemble_metrics.json")
    ] = ""
    weights: tuple[NonNegativeFloat, ...] = ()
    split: Label = "train"

    @model_validator(mode="after")
    def _one_of_both(self) -> SoftLabels:
        if bool(self.teachers) == bool(self.ensemble):
            raise PydanticCustomError("one_of_both", "expected teachers or ensemble, and not both")
        return self
