"""What inference over many videos takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, field_validator

from engine.specs.common import Fraction, Group, Label, Preprocess
from engine.specs.videos import OverVideos, Spread

# The beginning of columns' names.
Word = Annotated[str, Field(pattern=r"^\w[\w.-]*$", description="letters, digits, '_', '.' and '-'")]


class Classifier(Group):
    """Trained weights; what is left out is taken from the JSON file beside them."""

    weights: Label
    name: Word | None = None
    model: Label | None = None
    classes: tuple[Label, ...] = ()
    preprocess: Preprocess | None = None


class InferCompute(Spread):
    """Where and how the arithmetic is done; `processes` decode."""

    precision: Literal["fp32", "bf16", "fp16", "auto"] = "auto"  # type: ignore[assignment]
    backend: Literal["auto", "plain", "channels_last", "compiled"] = "auto"


class Infer(OverVideos):
    """Runs classifiers over many videos, some frames of each, and tells labels and probabilities."""

    models: Annotated[tuple[Label | Classifier, ...], Field(min_length=1)]
    batch: PositiveInt | Literal["auto"] = "auto"
    low_confidence: Fraction = 0.5
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
