"""What the job takes that lists the frames to be labelled."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.specs.common import Spec


class Frames(Spec):
    """Counts the frames of each video that decode, and lists some of them, evenly spread, for labelling."""

    videos: str = ""
    frames_per_video: Annotated[int, Field(ge=0)] = 0
