"""What a network says of pictures in files: logits in their order. Needs torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from engine.vision import device
from engine.vision.data import Preprocessing
from engine.vision.predict import Singles
from engine.vision.training.loading import Loading, unchanged
from engine.vision.training.pictures import Pictures


def over(
    network: nn.Module, preprocessing: Preprocessing, paths: Sequence[Path], *, batch: int = 64, workers: int = 0,
    precision: str = "fp32",
) -> Iterator[Singles]:  # fmt: skip
    """Logits (B, K) float32 of pictures in the order of their paths, on the device of the network, in eval mode.

    The last batch is filled up, since libraries sum in another order for another number: pictures that are cut into
    pieces at multiples of `batch` have the same logits, to the last bit.

    Raises:
        DataError: a picture cannot be read.
    """
    pictures = Pictures(tuple(map(str, paths)), preprocessing)
    yield from through(network, pictures, Loading(pictures, workers), batch, precision)


def through(network: nn.Module, pictures: Pictures, loading: Loading, batch: int, precision: str) -> Iterator[Singles]:
    """The same of pictures that are loaded by processes which may be there already."""
    where = next(network.parameters()).device
    network.eval()
    for frames, _ in loading(unchanged(len(pictures), batch)):
        yield _answers(network, pictures.images(filled(frames, batch).to(where)), precision)[: len(frames)]


def all_of(
    network: nn.Module, preprocessing: Preprocessing, paths: Sequence[Path], *, batch: int = 64, workers: int = 0,
    precision: str = "fp32",
) -> Singles:  # fmt: skip
    """(N, K): all that `over` yields, in one array."""
    found = over(network, preprocessing, paths, batch=batch, workers=workers, precision=precision)
    return np.concatenate(list(found))


def filled(frames: Tensor, batch: int) -> Tensor:
    """(batch, ...): the same frames, the first one again and again after the last."""
    return torch.cat([frames, frames[:1].expand(batch - len(frames), *frames.shape[1:])])


@torch.no_grad()
def _answers(network: nn.Module, images: Tensor, precision: str) -> Singles:
    with device.autocast(images.device, precision):
        found: Singles = network(images).float().cpu().numpy()
    return found
