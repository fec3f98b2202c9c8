"""What a training is given: what it learns from, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.stats.metrics import Ints
from engine.vision.predict import Singles
from engine.vision.training.pictures import Pictures

Story = dict[str, Any]


@dataclass(frozen=True)
class Data:
    """What is learnt from, and what says how well.

    Attributes:
        train: pictures.
        labels: (N,) their class numbers.
        teacher: (N, K) logits of the teacher, or (N, 0) where the loss asks for none.
        validation: pictures.
        validation_labels: (M,).
    """

    train: Pictures
    labels: Ints
    teacher: Singles
    validation: Pictures
    validation_labels: Ints


@dataclass(frozen=True)
class Told:
    """Who hears of a training.

    Attributes:
        step: epoch and step, both counted from 0, and steps of an epoch.
        epoch: the line of history of an epoch, when it is saved.
        note: something worth reading.
        stopping: whether to save and leave.
        leave: called when all is saved; what it raises ends the training.
    """

    step: Callable[[int, int, int], None]
    epoch: Callable[[Story], None]
    note: Callable[[str], None]
    stopping: Callable[[], bool]
    leave: Callable[[], None]
