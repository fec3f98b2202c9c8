"""Networks by name, from timm or torchvision, with a head for our classes. Needs torch and timm."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import cache

import timm
import torch
import torchvision
from torch import nn

from engine.errors import AskError

TORCHVISION = "torchvision:"
CONTAINERS = (nn.Sequential, nn.ModuleList)


def build(name: str, classes: int) -> nn.Module:
    """A network with random weights and `classes` outputs.

    Args:
        name: a timm name, or `torchvision:` and one of its classifiers.

    Raises:
        AskError: neither library has it; suggests names.
    """
    if name not in names(TORCHVISION if name.startswith(TORCHVISION) else ""):
        close = difflib.get_close_matches(name, names() + names(TORCHVISION), n=4, cutoff=0.6)
        hint = f"did you mean {' or '.join(close)}?" if close else "a timm name, or torchvision:NAME"
        raise AskError(f"model.name: there is no model {name!r}", hint=hint)
    model: nn.Module = _maker(name)(classes)
    return model


def names(library: str = "") -> list[str]:
    """All names that `build` takes from timm, or from torchvision."""
    if library == TORCHVISION:
        return [TORCHVISION + name for name in torchvision.models.list_models(module=torchvision.models)]
    return list(timm.list_models())


@cache
def head(name: str) -> list[str]:
    """The entries of the state dict whose shape hangs on the number of classes, in order.

    Found by making the network twice without memory for its weights, so no table of heads has to be kept.
    """
    with torch.device("meta"):
        two, three = (_maker(name)(classes).state_dict() for classes in (2, 3))
    return [key for key in two if two[key].shape != three[key].shape]


def stages(model: nn.Module) -> list[str]:
    """Names that `train_from` may have: the parts with weights, in order; numbered parts stand for their container."""
    found: list[str] = []
    for name, part in model.named_children():
        numbered = isinstance(part, CONTAINERS) and name in ("blocks", "stages", "layers", "features")
        inner = [f"{name}.{number}" for number, child in part.named_children() if _learns(child)] if numbered else []
        found += inner or ([name] if _learns(part) else [])
    return found


def _learns(part: nn.Module) -> bool:
    return any(True for _ in part.parameters())


def _maker(name: str) -> Callable[[int], nn.Module]:
    if name.startswith(TORCHVISION):
        return lambda classes: torchvision.models.get_model(name[len(TORCHVISION) :], weights=None, num_classes=classes)
    return lambda classes: timm.create_model(name, pretrained=False, num_classes=classes)
