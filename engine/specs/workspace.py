"""What `workspace.yaml` holds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt, field_validator, model_validator

from engine.annotations.decision import CANT_TELL
from engine.specs.common import Bucket, Group, Label

COLUMNS = ("annotator", "video_id", "frame_index", "note", "flagged", "annotated_at", "*")  # no names of variables

SAID = (CANT_TELL, "(unseen)", "(blank)")


def _why_not(label: str) -> str:
    return "coders can always say so, leave it out" if label in SAID else "it has spaces around it"


class Variable(Group):
    """Something that coders label; `labels` stand in the codebook's order, which is also the order of the scale."""

    level: Literal["nominal", "ordinal"] = "nominal"
    labels: Annotated[tuple[Label, ...], Field(min_length=2)]
    classes: dict[Label, Label | None] = {}

    @field_validator("labels")
    @classmethod
    def _distinct(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        if taken := [label for label in labels if label in SAID or label != label.strip()]:
            raise ValueError(f"{taken[0]!r} cannot be a label: {_why_not(taken[0])}")
        return labels

    @model_validator(mode="after")
    def _known(self) -> Variable:
        for label in self.classes:
            if label not in self.labels:
                raise ValueError(f"classes names {label!r}, which is not one of the labels")
        return self

    def class_of(self, label: str) -> str | None:
        """The model's class for a coder's label; None where the label is left out of training."""
        return self.classes.get(label, label)

    def class_names(self) -> list[str]:
        """The model's classes in the codebook's order, each once."""
        found = (self.class_of(label) for label in self.labels)
        return list(dict.fromkeys(name for name in found if name is not None))


class Settings(Group):
    """The settings of one study."""

    name: Label
    bucket: Bucket | None = None
    videos: Label = "videos/"
    frames_per_video: PositiveInt = 10
    coders: tuple[Label, ...] = ()
    salt: str = ""
    overlap: NonNegativeInt = 60
    variables: dict[Label, Variable] = {}

    @field_validator("variables")
    @classmethod
    def _no_columns(cls, variables: dict[str, Variable]) -> dict[str, Variable]:
        if taken := [name for name in variables if name in COLUMNS]:
            raise ValueError(f"{taken[0]!r} is a column of annotations.csv already, choose another name")
        return variables
