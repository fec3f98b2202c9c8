"""Weights that know what they are: network, classes and preprocessing are in the same file, and so never lost.

Needs torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from torch import nn

from engine.errors import DataError
from engine.files import write_atomic
from engine.vision import checkpoint, models, weights
from engine.vision.checkpoint import State
from engine.vision.data import Preprocessing

FORMAT = 1
HINT = "weights that teacher, distill or finetune wrote, with their card beside them"


@dataclass(frozen=True)
class Trained:
    """Trained weights.

    Attributes:
        model: a name that `models.build` takes.
        classes: in the order of its head.
        preprocessing: as it was trained.
        epoch: after which these weights stood; 0: nobody knows.
        epochs: how many its training had done in the end.
        state: of the network; empty where only the card was asked for.
    """

    model: str
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    epoch: int = 0
    epochs: int = 0
    state: State = field(default_factory=dict, repr=False)


def card(trained: Trained) -> dict[str, Any]:
    """What these weights take and give, as JSON."""
    facts = {"model": trained.model, "classes": list(trained.classes), "preprocess": asdict(trained.preprocessing)}
    return {**facts, "epoch": trained.epoch, "epochs": trained.epochs}


def save(path: Path, trained: Trained) -> None:
    """Write weights with their card, whole or not at all; the same bytes for the same weights and card."""
    state = {key: value.detach().cpu().contiguous().clone() for key, value in trained.state.items()}
    buffer = BytesIO()  # torch.save would write the file's name into the file
    torch.save({"format": FORMAT, "card": plain(card(trained)), "state_dict": state}, buffer)
    write_atomic(path, buffer.getvalue())


def read(path: Path) -> Trained:
    """Weights with their card, which is in the file, or in a JSON file beside it.

    Raises:
        DataError: they cannot be read, or nothing tells what they are.
    """
    found = _of_card(weights.card(path), path)
    return replace(found, state=weights.read(path))


def network(trained: Trained, where: torch.device) -> nn.Module:
    """The network with these weights, in eval mode.

    Raises:
        DataError: they are weights of another model, or have a head for other classes.
    """
    built = models.build(trained.model, len(trained.classes))
    heads, place = models.head(trained.model), Path(trained.model)
    if not weights.load(built, trained.state, heads, place):
        raise DataError(f"{place}: its head is not for {len(trained.classes)} classes", hint=HINT)
    return built.to(where).eval()


def digest(trained: Trained) -> str:
    """SHA-256 of the bits of its weights."""
    return checkpoint.digest(trained.state)


def plain(value: Any) -> Any:
    """The same with lists for tuples, which is what JSON and weights_only know."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def _of_card(told: Mapping[str, Any], path: Path) -> Trained:
    missing = [key for key in ("model", "classes", "preprocess") if not told.get(key)]
    if missing:
        raise DataError(f"{path}: nothing tells its {' and '.join(missing)}", hint=HINT)
    try:
        how = Preprocessing(**told["preprocess"])
    except (ValidationError, TypeError) as error:
        raise DataError(f"{path}: its preprocess is not what it has to be: {error}", hint=HINT) from None
    classes = tuple(map(str, told["classes"]))
    return Trained(str(told["model"]), classes, how, int(told.get("epoch", 0)), int(told.get("epochs", 0)))
