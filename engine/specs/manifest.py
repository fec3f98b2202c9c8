"""What the job takes that validates and merges manifests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from engine.specs.common import Label, Spec


class Manifest(Spec):
    """Checks that manifests and the images they name are what they have to be, and makes one of several."""

    manifests: Annotated[tuple[Label, ...], Field(min_length=1)]
    data_root: Label = "."
    labels: tuple[Label, ...] = ()
    missing: Literal["stop", "skip"] = "stop"
    unreadable: Literal["stop", "skip"] = "stop"
    leaks: Literal["flag", "stop"] = "flag"
    decode: bool = True

    @field_validator("manifests", mode="before")
    @classmethod
    def _one_is_many(cls, given: object) -> object:
        return [given] if isinstance(given, str) else given

    @property
    def files(self) -> dict[str, str]:
        """What `manifests` refers to, for who sends it to a machine."""
        return {str(number): text for number, text in enumerate(self.manifests)}
