"""What the job takes that writes reports."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from engine.specs.common import Label, Spec

RunName = Annotated[str, Field(pattern=r"^run:[^/\s]+$", description="run:ID")]


class Report(Spec):
    """Writes a report of runs whose every number is read from an artifact, and can be read again."""

    runs: Annotated[tuple[RunName, ...], Field(min_length=1, max_length=26)]
    numbers: tuple[Label, ...] = ()
    text: str = ""
    pictures: bool = True

    @field_validator("runs", mode="before")
    @classmethod
    def _one_is_many(cls, given: object) -> object:
        return [given] if isinstance(given, str) else given

    @property
    def folders(self) -> dict[str, str]:
        """What `runs` refers to, for who sends it to a machine."""
        return {str(number): text for number, text in enumerate(self.runs)}
