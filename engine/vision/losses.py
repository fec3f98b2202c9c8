"""What training makes smaller. Needs torch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def inverse_frequency(labels: Tensor, classes: int) -> Tensor:
    """Weights (K,): n / (k · n_c) for each of the k classes that occur among the labels (N,), 0 for the others.

    Labels are those of the training part alone: with few frames the one left out would tell its class.
    Source: King and Zeng, Political Analysis 9 (2001); scikit-learn calls it "balanced".
    """
    counts = torch.bincount(labels, minlength=classes).to(torch.float64)
    present = counts > 0
    weights = len(labels) / (present.sum() * counts.clamp(min=1)) * present
    return weights.to(torch.float32)


def weighted(logits: Tensor, labels: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Mean cross-entropy of logits (B, K) in fp32, each weighted by its label's weight; and the sum of weights."""
    return F.cross_entropy(logits.float(), labels, weight=weights), weights[labels].sum()
