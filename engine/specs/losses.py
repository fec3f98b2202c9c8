"""What training can make smaller: a line a loss, whose code is named as a text, so that checking a spec loads none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Loss:
    """A loss that a stage of training may have.

    Attributes:
        entry: its function, of logits, what is known of the pictures, and numbers.
        numbers: which numbers of a stage it takes, with what they are where nobody says.
        at_most: the largest values of some.
        teacher: whether it needs the logits of a teacher.
        mixes: whether it takes pictures that are mixed of two.
        fewest_classes: with fewer it means nothing.
    """

    entry: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)
    teacher: bool = False
    mixes: bool = False
    fewest_classes: int = 2


_PLACE = "engine.vision.training.objectives"
_KD = {"temperature": 4.0, "alpha": 0.9, "warmup_epochs": 0}
_DKD = {"temperature": 4.0, "alpha": 1.0, "beta": 8.0, "warmup_epochs": 0}
LOSSES = {
    "ce": Loss(f"{_PLACE}:ce", mixes=True),
    "focal": Loss(f"{_PLACE}:focal", {"gamma": 2.0}),
    "kd": Loss(f"{_PLACE}:kd", _KD, {"alpha": 1.0}, teacher=True),
    "dkd": Loss(f"{_PLACE}:dkd", _DKD, teacher=True, fewest_classes=3),
}


def known(name: str, place: str) -> Loss:
    """The loss of a name; ValueError, which a spec tells of a place in it, where there is none."""
    if name not in LOSSES:
        raise ValueError(f"{place}: expected one of {', '.join(LOSSES)}, got {name!r}")
    return LOSSES[name]
