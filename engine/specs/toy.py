"""What the toy job takes: a job without torch, for trying screens, queues and machines."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveInt

from engine.specs.common import Spec


class Toy(Spec):
    """Finds the minimum of a noisy bowl by gradient steps, and writes the path it took."""

    steps: PositiveInt = 100
    seconds_per_step: NonNegativeFloat = 0.05
    lr: Annotated[float, Field(gt=0)] = 0.1
    noise: NonNegativeFloat = 0.05
    begin_at: float = 1.0
    after: Annotated[str, Field(pattern=r"^(run:.+/result\.json)?$", description="run:ID/result.json")] = ""
    log_lines_per_step: Annotated[int, Field(ge=0)] = 1
    chatter: bool = False
    report: bool = False
    fail_at: Annotated[int, Field(ge=0)] = 0
