"""What the extraction of features from many videos takes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from engine.specs.common import Group, Label
from engine.specs.videos import OverVideos


class Weights(Group):
    """A file to take in place of the weights that a package ships."""

    path: Label
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$", description="a SHA-256 in hex, or empty")] = ""


class Extract(OverVideos):
    """Tells of frames and videos what detectors find: colours, objects, faces, gaze and text, by one decode for all."""

    extractors: Annotated[tuple[Label, ...], Field(min_length=1)] = ("colour", "objects", "faces", "gaze", "text")
    weights: dict[Label, dict[Label, Weights]] = {}

    @field_validator("extractors")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"named twice: {', '.join(twice)}")
        return names

    @property
    def files(self) -> dict[str, str]:
        """The files that `weights` names, for who sends them to a machine."""
        return {f"{name}.{part}": one.path for name, parts in self.weights.items() for part, one in parts.items()}
