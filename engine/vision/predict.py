"""What a network says of frames: logits, the features before its head, and passes with dropout. Needs torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.stats.metrics import Floats
from engine.vision import device
from engine.vision.split import Split
from engine.vision.trunk import Features

Singles = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """What is known of N frames.

    Attributes:
        logits: (N, K).
        features: (N, D) just before the head.
        passes: (P, N, K) logits, each with other features dropped; P may be 0.
    """

    logits: Floats
    features: Singles
    passes: Floats


def logits(split: Split, features: Features, frames: Sequence[int], batch: int, precision: str) -> Floats:
    """(N, K) float64 of frames, shown without augmentation."""
    split.eval()
    return np.concatenate([_tail(split, features(piece, None), precision) for piece in _pieces(frames, batch)])


def look(
    split: Split, head: nn.Module, features: Features, frames: Sequence[int], batch: int, precision: str,
    passes: int = 0, dropout: float = 0.0, seed: int = 0,
) -> Seen:  # fmt: skip
    """Logits and features of frames, and `passes` more through the head alone, each time with other features dropped.

    Dropout stands just before the head only, so a pass costs one small matrix product. Which features a pass drops
    hangs on the seed and the pass, so one pass is one network, the same for all frames.
    """
    split.eval()
    caught: list[Tensor] = []
    hook = head.register_forward_pre_hook(lambda _, given: caught.append(given[0]))
    try:
        found, several = [], []
        for piece in _pieces(frames, batch):
            found.append(_tail(split, features(piece, None), precision))
            several.append(_passes(head, caught[-1], passes, dropout, seed))
            caught[:] = [*caught[:-1], caught[-1].detach().flatten(1).cpu()]
    finally:
        hook.remove()
    flat = torch.cat([each.flatten(1) for each in caught[: len(found)]]).float().numpy()
    return Seen(np.concatenate(found), flat, np.concatenate(several, axis=1))


def dropping(head: nn.Module, dropout: float) -> Callable[[], None]:
    """Have features dropped before a head while it learns; what is returned ends that."""
    hook = head.register_forward_pre_hook(lambda part, given: (F.dropout(given[0], dropout, part.training),))
    return hook.remove


def _tail(split: Split, given: Tensor, precision: str) -> Floats:
    with torch.no_grad(), device.autocast(given.device, precision):
        found: Floats = split.tail(given).double().cpu().numpy()
    return found


def _passes(head: nn.Module, given: Tensor, passes: int, dropout: float, seed: int) -> Floats:
    """(P, B, K)"""
    found = []
    for number in range(passes):
        generator = torch.Generator().manual_seed(seed * 1000 + number)
        kept = (torch.rand(given.shape[1:], generator=generator) >= dropout).to(given) / (1 - dropout)
        with torch.no_grad():
            found.append(head.forward(given * kept).flatten(1).double().cpu().numpy())
    return np.stack(found) if found else np.zeros((0, len(given), 0))


def _pieces(frames: Sequence[int], batch: int) -> list[Sequence[int]]:
    return [frames[start : start + batch] for start in range(0, len(frames), batch)]
