"""What the job takes that writes soft labels."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeFloat, model_validator

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
        if self.teachers and self.ensemble:
            raise ValueError("teachers: ensemble names some as well: leave one empty, ensemble= or teachers=[]")
        if self.ensemble and self.weights:
            raise ValueError("weights: those of the ensemble are taken; leave them empty, or name teachers instead")
        if not (self.teachers or self.ensemble):
            raise ValueError("ensemble: name run:ID/ensemble_metrics.json here, or weights under teachers")
        return self
