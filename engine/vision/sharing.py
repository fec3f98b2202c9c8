"""Several networks on the same images, with the layers that they have in common computed once. Needs torch.

Fine-tuned networks often share their frozen first layers. They are recognised by the hash of their weights and buffers;
what comes of it is the same to the last bit, which is tried before it is used.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.errors import AskError
from engine.vision.checkpoint import digest
from engine.vision.models import stages
from engine.vision.split import Split


class Apart(nn.Module):
    """Each network by itself."""

    def __init__(self, models: Sequence[nn.Module]) -> None:
        super().__init__()
        self.models = nn.ModuleList(models)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits (B, K) of each network."""
        return tuple(model(images) for model in self.models)


class Shared(nn.Module):
    """One trunk, and the rest of each network."""

    def __init__(self, splits: Sequence[Split]) -> None:
        super().__init__()
        self.trunk = splits[0].trunk
        self.tails = nn.ModuleList(split.tails["judging"] for split in splits)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits (B, K) of each network."""
        features = self.trunk(images)
        return tuple(tail(features) for tail in self.tails)


def together(kinds: Sequence[str], models: Sequence[nn.Module], images: Tensor) -> tuple[nn.Module, str]:
    """All networks as one, which answers with the logits of each; and whether a trunk is shared, or why not.

    Args:
        kinds: the name of each network's architecture.
        models: in eval mode.
        images: (B, 3, S, S) on which both ways must give the same bits.
    """
    apart = Apart(models).eval()
    if len(models) < 2:
        return apart, ""
    if len(set(kinds)) > 1:
        return apart, f"no layers are shared: the networks differ ({', '.join(dict.fromkeys(kinds))})"
    stage, reason = _stage(models)
    if not stage:
        return apart, f"no layers are shared: {reason}"
    try:
        splits = [Split(model, stage) for model in models]
    except AskError as error:
        return apart, f"no layers are shared: {error.message}"
    finally:
        apart.eval()
    if len({digest(split.trunk.state_dict()) for split in splits}) > 1:
        return apart, f"no layers are shared: before {stage} there are weights that differ"
    shared = Shared(splits).eval()
    with torch.no_grad():
        if not all(torch.equal(one, other) for one, other in zip(shared(images), apart(images), strict=True)):
            return apart, f"no layers are shared: cut at {stage} they do not give the same bits"
    return shared, f"{len(models)} networks share all layers before {stage}, which run once"


def _stage(models: Sequence[nn.Module]) -> tuple[str, str]:
    """The first stage in which the networks differ, or why there is none to cut at."""
    names = stages(models[0])
    alike = [len({digest(model.get_submodule(name).state_dict()) for model in models}) == 1 for name in names]
    if all(alike):
        return names[-1], ""
    if not alike[0]:
        return "", f"their weights differ from the first layer, {names[0]}, on"
    return names[alike.index(False)], ""
