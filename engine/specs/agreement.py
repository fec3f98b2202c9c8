"""What the job takes that measures agreement."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PositiveInt

from engine.specs.common import Label, Spec


class Agreement(Spec):
    """Measures how far coders agree: a reliability card for each variable, by pair, by round and over time."""

    variables: tuple[Label, ...] = ()
    as_of: str = ""
    replicates: Annotated[PositiveInt, Field(ge=100)] = 10_000
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
