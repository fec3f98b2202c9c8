"""The parts into which studies are cut for processes, and which of them are still to be done. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.files import read_json
from engine.vision.plan import Plan


@dataclass(frozen=True)
class Part:
    """A part of a study: `start`, `trunk` (of an epoch), `before`, `fold` (of a number) or `whole`."""

    plan: str
    what: str
    number: int | None = None


def starts(plans: Sequence[Plan]) -> list[Part]:
    """The weights to start from."""
    return [Part(str(plan.path), "start") for plan in plans if not plan.start.exists()]


def trunks(plans: Sequence[Plan]) -> list[Part]:
    """The frozen trunk's output, once for each trunk and each way in which epochs show the frames.

    A file that is there is asked for too: whoever opens it sees whether it is whole.
    """
    found: dict[tuple[str, int | None], Part] = {}
    for plan in plans:
        epochs = list(range(plan.training.epochs)) if plan.augmentation else []
        for epoch in [None, *epochs] if plan.cached else []:
            found.setdefault((plan.facts()["trunk_sha256"], epoch), Part(str(plan.path), "trunk", epoch))
    return list(found.values())


def folds(plans: Sequence[Plan]) -> list[Part]:
    """What the given weights say, and every fold."""
    before = [Part(str(plan.path), "before") for plan in plans if not plan.before.exists()]
    return before + [
        Part(str(plan.path), "fold", number)
        for plan in plans
        for number in range(len(plan.folds))
        if not plan.result(number).exists()
    ]


def wholes(plans: Sequence[Plan]) -> list[Part]:
    """Training on all frames."""
    return [Part(str(plan.path), "whole") for plan in plans if not plan.result(None).exists()]


def mean_losses(plan: Plan) -> list[float]:
    """The training loss of each epoch, mean over the folds that came so far."""
    losses = [found["losses"] for found in plan.results()]
    longest = max(len(history) for history in losses)
    return [float(np.mean([history[epoch] for history in losses if epoch < len(history)])) for epoch in range(longest)]


@dataclass
class Tally:
    """How many left-out frames are right so far; begins with the folds that are done already."""

    plan: Plan
    folds: int = 0
    frames: int = 0
    right: int = 0
    losses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        for number in range(len(self.plan.folds)):
            if self.plan.result(number).exists():
                self.add(number)

    def add(self, number: int) -> str:
        """Count one fold; says how it went."""
        fold, found = list(self.plan.folds[number]), read_json(self.plan.result(number))
        right = int((np.argmax(found["scores"], axis=1) == np.array(self.plan.labels)[fold]).sum())
        self.folds, self.frames, self.right = self.folds + 1, self.frames + len(fold), self.right + right
        self.losses = found["losses"]
        went = f"loss {self.losses[0]:.4f} → {self.losses[-1]:.4f} in {len(self.losses)} epochs"
        return f"{self.plan.variable} without {self.plan.groups[number]}: {went}; {right} of {len(fold)} right"
