"""What a stage of training makes smaller: one function a loss, each of logits and what is known of the pictures.

A new one is a function here and a line in the table of engine/specs/losses.py. Needs torch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from engine.vision import losses


@dataclass(frozen=True)
class Known:
    """What is known of the pictures of a batch.

    Attributes:
        labels: (B,) class numbers.
        targets: (B, K) shares of classes: labels, smoothed and mixed.
        teacher: (B, K) logits of the teacher; empty where the loss asks for none.
        weights: (K,) of the classes in cross-entropy.
    """

    labels: Tensor
    targets: Tensor
    teacher: Tensor
    weights: Tensor

    def part(self, places: list[int]) -> Known:
        """The same of some pictures of the batch."""
        return Known(self.labels[places], self.targets[places], self.teacher[places], self.weights)


@dataclass(frozen=True)
class Terms:
    """Numbers of a loss.

    Attributes:
        strength: of the teacher's part in this epoch; below 1 while it warms up.
    """

    temperature: float = 4.0
    alpha: float = 1.0
    beta: float = 8.0
    gamma: float = 2.0
    strength: float = 1.0


Objective = Callable[[Tensor, Known, Terms], Tensor]


def ce(logits: Tensor, known: Known, _: Terms) -> Tensor:
    """Cross-entropy of shares, each class by its weight; mean over pictures."""
    return -(known.targets * known.weights * logits.float().log_softmax(1)).sum(1).mean()


def focal(logits: Tensor, known: Known, terms: Terms) -> Tensor:
    """Cross-entropy in which pictures that are easy count little."""
    return losses.focal(logits, known.labels, terms.gamma, known.weights)


def kd(logits: Tensor, known: Known, terms: Terms) -> Tensor:
    """alpha · KD + (1 - alpha) · cross-entropy."""
    alpha = terms.alpha * terms.strength
    taught = losses.kd(logits, known.teacher, terms.temperature)
    return alpha * taught + (1 - alpha) * ce(logits, known, terms)


def dkd(logits: Tensor, known: Known, terms: Terms) -> Tensor:
    """Cross-entropy + DKD, whose two parts have their own weights."""
    taught = losses.dkd(logits, known.teacher, known.labels, terms.alpha, terms.beta, terms.temperature)
    return ce(logits, known, terms) + terms.strength * taught
