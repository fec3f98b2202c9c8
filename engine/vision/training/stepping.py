"""One step of training: a batch through the network in pieces, and one change of its weights. Needs torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.errors import DataError, DeviceError
from engine.vision import device
from engine.vision.training import recipe
from engine.vision.training.objectives import Known, Objective, Terms
from engine.vision.training.recipe import Recipe
from engine.vision.training.state import State

Note = Callable[[str], None]
NO_MEMORY = ("not enough memory", "can't allocate memory", "out of memory")


def known(labels: Tensor, teacher: Tensor, weights: Tensor, how: Recipe) -> Known:
    """What is known of a batch: labels (B,), the teacher's logits (B, K) or (B, 0), weights (K,) of the classes."""
    classes = len(weights)
    sure = F.one_hot(labels, classes).float()
    return Known(labels, sure * (1 - how.label_smoothing) + how.label_smoothing / classes, teacher, weights)


def mixed(images: Tensor, batch: Known, share: float) -> tuple[Tensor, Known]:
    """Each picture with a share of the one that stands opposite in the batch, and its truth likewise."""
    if share == 1.0:
        return images, batch
    targets = share * batch.targets + (1 - share) * batch.targets.flip(0)
    return share * images + (1 - share) * images.flip(0), replace(batch, targets=targets)


def step(
    state: State, images: Tensor, batch: Known, objective: Objective, terms: Terms, how: Recipe, note: Note
) -> float:
    """Change the weights by one batch; its mean loss. Where memory does not do, the pieces become smaller for good.

    Raises:
        DataError: the loss is no number.
        DeviceError: not even two pictures at a time fit into memory.
    """
    while True:
        try:
            lost = _gradients(state, images, batch, objective, terms, how)
            break
        except (torch.OutOfMemoryError, RuntimeError) as error:
            _smaller(state, len(images), error, note)
    _change(state, how)
    return lost


def _gradients(state: State, images: Tensor, batch: Known, objective: Objective, terms: Terms, how: Recipe) -> float:
    """The gradient of the mean loss, added up over pieces; that loss."""
    torch.manual_seed(recipe.seed(how, state.at.epoch, state.at.step))
    state.optimizer.zero_grad()
    lost = 0.0
    for places in recipe.cut(range(len(images)), state.at.pieces):
        piece = batch.part(places)
        with device.autocast(images.device, how.precision):
            logits = state.network(images[places])
        loss = objective(logits, piece, terms) * len(places) / len(images)
        if not torch.isfinite(loss):
            raise DataError(f"the loss is {loss.item()} in epoch {state.at.epoch + 1}", hint="lower lr")
        state.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        lost += float(loss.detach())
    return lost


def _change(state: State, how: Recipe) -> None:
    state.scaler.unscale_(state.optimizer)
    if how.clip_norm:
        torch.nn.utils.clip_grad_norm_(state.network.parameters(), how.clip_norm)
    state.scaler.step(state.optimizer)
    state.scaler.update()
    if state.ema:
        state.ema.update(state.network, state.at.total + 1)


def _smaller(state: State, pictures: int, error: Exception, note: Note) -> None:
    """Twice as many pieces; raises where that is no matter of memory, or no way out of it."""
    if not isinstance(error, torch.OutOfMemoryError) and not any(words in str(error) for words in NO_MEMORY):
        raise error
    state.optimizer.zero_grad()
    most = recipe.most_pieces(pictures)
    if state.at.pieces >= most:
        raise DeviceError("not even two pictures at a time fit into memory", hint="a smaller network or size") from None
    state.at.pieces = min(2 * state.at.pieces, most)
    torch.cuda.empty_cache()
    note(f"out of memory: batches of {pictures} go through in {state.at.pieces} pieces from here on")
