"""What inference over many videos takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, field_validator

from engine.specs.common import Compute, Fraction, Group, Label, Preprocess, Spec

# The beginning of columns' names.
Word = Annotated[str, Field(pattern=r"^\w[\w.-]*$", description="letters, digits, '_', '.' and '-'")]


class Classifier(Group):
    """Trained weights; what is left out is taken from the JSON file beside them."""

    weights: Label
    name: Word | None = None
    model: Label | None = None
    classes: tuple[Label, ...] = ()
    preprocess: Preprocess | None = None


class InferCompute(Compute):
    """Where and how the arithmetic is done; `processes` decode."""

    precision: Literal["fp32", "bf16", "fp16", "auto"] = "auto"  # type: ignore[assignment]
    backend: Literal["auto", "plain", "channels_last", "compiled"] = "auto"


class Infer(Spec):
    """Runs classifiers over many videos, some frames of each, and tells labels and probabilities."""

    videos: str = ""
    models: Annotated[tuple[Label | Classifier, ...], Field(min_length=1)]
    frames_per_video: PositiveInt = 10
    batch: PositiveInt | Literal["auto"] = "auto"
    deadline_s: PositiveFloat = 60.0
    downloads: PositiveInt = 16
    checkpoint_every: PositiveInt = 500
    low_confidence: Fraction = 0.5
    limit: NonNegativeInt = 0
    compute: InferCompute = InferCompute()

    @field_validator("models", mode="before")
    @classmethod
    def _one_is_many(cls, given: object) -> object:
        return [given] if isinstance(given, str | dict) else given

    @property
    def weights(self) -> dict[str, str]:
        """What `models` refers to, for who sends it to a machine."""
        texts = [one if isinstance(one, str) else one.weights for one in self.models]
        return {str(number): text for number, text in enumerate(texts)}
