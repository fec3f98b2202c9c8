"""What jobs take that go over many videos."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from engine.specs.common import Compute, Spec

Address = Annotated[str, Field(pattern=r"^(auto|\S+:\d+)$", description="auto, or HOST:PORT of the cluster's head")]


class Spread(Compute):
    """Where and how the arithmetic is done, on this machine or on a cluster; `processes` decode."""

    engine: Literal["local", "ray"] = "local"
    address: Address = "auto"
    gpus_per_task: NonNegativeFloat | Literal["auto"] = "auto"


class OverVideos(Spec):
    """Shows some frames of each of many videos to somebody."""

    videos: str = ""
    frames_per_video: PositiveInt = 10
    deadline_s: PositiveFloat = 60.0
    downloads: PositiveInt = 16
    checkpoint_every: PositiveInt = 500
    videos_per_shard: Annotated[int, Field(ge=1, le=500)] = 50
    limit: NonNegativeInt = 0
    compute: Spread = Spread()
