"""Groups of keys that several jobs share."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationInfo, field_validator

from engine import criteria

Fraction = Annotated[float, Field(ge=0, le=1)]
Device = Annotated[str, Field(pattern=r"^(auto|cpu|cuda|cuda:\d+)$", description="auto, cpu, cuda or cuda:0")]
Label = Annotated[str, Field(min_length=1)]
Bucket = Annotated[
    str,
    Field(
        pattern=r"^(gs://[a-z0-9][a-z0-9._-]+(/.*)?|file:///.+|[^:]+)$",
        description="gs://NAME, file:///FOLDER, a folder",
    ),
]


class Group(BaseModel):
    """A group of keys: unknown ones are refused, and a spec never changes after it was asked."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, protected_namespaces=(), allow_inf_nan=False, coerce_numbers_to_str=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_as_number(cls, value: Any, info: ValidationInfo) -> Any:
        # `lr: yes` is YAML for true, which Python counts as 1.
        if isinstance(value, bool) and _is_number(cls.model_fields[info.field_name or ""].annotation):
            raise ValueError(f"expected a number, got {str(value).lower()}")
        return value


def _is_number(annotation: Any) -> bool:
    return annotation in (int, float) or any(_is_number(inner) for inner in get_args(annotation))


class Compute(Group):
    """Where and how the arithmetic is done."""

    device: Device = "auto"
    threads: PositiveInt = 1
    processes: PositiveInt | Literal["auto"] = "auto"
    precision: Literal["fp32", "bf16", "auto"] = "fp32"
    checkpoints: Bucket | None = None


class Clahe(Group):
    """Contrast made even, tile by tile."""

    clip: PositiveFloat = 2.0
    tiles: Annotated[int, Field(ge=1, le=64)] = 8


class Preprocess(Group):
    """From a frame (H, W, 3) uint8 RGB to an image (3, S, S) float32; the same in training and inference."""

    size: PositiveInt = 224
    resize: Literal["squash", "crop", "pad"] = "squash"
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[PositiveFloat, PositiveFloat, PositiveFloat] = (0.229, 0.224, 0.225)
    clahe: Clahe | None = None


class Spec(Group):
    """What every job takes."""

    title: str = ""
    tags: tuple[Label, ...] = ()
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    compute: Compute = Compute()
    success: dict[str, str] = {}

    @field_validator("success", mode="before")
    @classmethod
    def _criteria(cls, wanted: Any) -> Any:
        if not isinstance(wanted, dict):
            return wanted
        for name, text in wanted.items():
            try:
                criteria.parse(text)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return {name: str(text) for name, text in wanted.items()}
