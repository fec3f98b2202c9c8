"""All that a training is at a moment, in one file that is replaced whole. Needs torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from timm.optim._param_groups import param_groups_weight_decay
from timm.utils.model_ema import ModelEmaV3
from torch import nn

from engine.files import write_atomic
from engine.vision.training.recipe import Recipe


@dataclass
class Position:
    """Where a training stands.

    Attributes:
        epoch: how many are over.
        step: how many steps of the next one are done.
        total: steps so far.
        lost: sum of losses in this epoch, each times its pictures, and the sum of pictures.
        pieces: into how many a batch is cut by now; more than was asked where memory did not do.
        best: the best score on validation.
        history: a line an epoch.
    """

    epoch: int = 0
    step: int = 0
    total: int = 0
    lost: tuple[float, float] = (0.0, 0.0)
    pieces: int = 1
    best: float | None = None
    history: list[dict[str, Any]] = field(default_factory=list)


class State:
    """A network in training, with all that changes beside its weights; begins where the file says, if there is one."""

    def __init__(self, network: nn.Module, how: Recipe, path: Path) -> None:
        self.network, self.path, self.at = network, path, Position(pieces=how.accumulate)
        self.optimizer = optimizer(network, how)
        self.ema = ModelEmaV3(network, decay=how.ema, use_warmup=True) if how.ema else None
        where = next(network.parameters()).device
        self.scaler = torch.amp.GradScaler(where.type, enabled=how.precision == "fp16")
        if path.exists():
            self._restore(torch.load(path, map_location=where, weights_only=True))

    @property
    def judged(self) -> nn.Module:
        """The network that is judged and kept: the running mean of weights, where there is one."""
        return self.ema.module if self.ema else self.network

    def save(self) -> None:
        """Replace the file."""
        found = {name: part.state_dict() for name, part in self._parts().items()}
        buffer = BytesIO()
        torch.save({**found, "position": vars(self.at)}, buffer)
        write_atomic(self.path, buffer.getvalue())

    def _restore(self, found: dict[str, Any]) -> None:
        for name, part in self._parts().items():
            part.load_state_dict(found[name])
        self.at = Position(**found["position"])

    def _parts(self) -> dict[str, Any]:
        parts = {"network": self.network, "optimizer": self.optimizer, "scaler": self.scaler}
        return {**parts, **({"ema": self.ema.module} if self.ema else {})}


def optimizer(network: nn.Module, how: Recipe) -> torch.optim.Optimizer:
    """Of all weights that learn; biases and norms do not decay."""
    groups = param_groups_weight_decay(network, how.weight_decay)
    if how.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=how.lr, momentum=0.9, nesterov=True, fused=True)
    kind = torch.optim.Adam if how.optimizer == "adam" else torch.optim.AdamW
    return kind(groups, lr=how.lr, fused=True)
