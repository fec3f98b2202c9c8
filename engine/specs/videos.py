"""What jobs take that go over many videos."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from engine.specs.common import Compute, Spec

Address = Annotated[str, Field(pattern=r"^(auto|\S+:\d+)$", description="auto, or HOST:PORT of the cluster's head")]
CommitsName = Annotated[
    str, Field(pattern=r"^([A-Za-z0-9][\w.-]*)?$", description="letters, digits, '_', '.' and '-', or empty")
]
Part = Annotated[str, Field(pattern=r"^[0-9]+/[0-9]+$", description="a part, such as 1/4: the first of four")]


class Spread(Compute):
    """Where and how the arithmetic is done, on this machine or on a cluster; `processes` decode."""

    engine: Literal["local", "ray"] = "local"
    address: Address = "auto"
    gpus_per_task: NonNegativeFloat | Literal["auto"] = "auto"
    commits: CommitsName = ""

    @model_validator(mode="after")
    def _commits_somewhere(self) -> Spread:
        if self.commits and self.checkpoints is None:
            raise ValueError("commits: names commits in a bucket, and checkpoints names no bucket")
        return self


class OverVideos(Spec):
    """Shows some frames of each of many videos to somebody."""

    videos: str = ""
    frames_per_video: PositiveInt = 10
    deadline_s: PositiveFloat = 60.0
    downloads: PositiveInt = 16
    checkpoint_every: PositiveInt = 500
    videos_per_shard: Annotated[int, Field(ge=1, le=500)] = 50
    limit: NonNegativeInt = 0
    part: Part = "1/1"
    compute: Spread = Spread()

    @field_validator("part")
    @classmethod
    def _there_is_one(cls, text: str) -> str:
        number, _, count = text.partition("/")
        if not 1 <= int(number) <= int(count):
            raise ValueError(f"there is no part {text}: the first of four is 1/4, the last one 4/4")
        return text
