"""Weights to files and back, the same bytes for the same weights. Needs torch."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import torch
from torch import Tensor

from engine.files import write_atomic

State = dict[str, Tensor]


def save(path: Path, state: State) -> None:
    """Write a state dict, whole or not at all.

    It goes through memory because torch.save writes the name of the file into the file: two equal states under two
    names would differ.
    """
    buffer = BytesIO()
    torch.save({key: value.detach().cpu().contiguous().clone() for key, value in state.items()}, buffer)
    write_atomic(path, buffer.getvalue())


def load(path: Path) -> State:
    """What `save` wrote."""
    state: State = torch.load(path, map_location="cpu", weights_only=True)
    return state


def digest(state: State) -> str:
    """SHA-256 of names, types, shapes and bits of all tensors."""
    found = hashlib.sha256()
    for key in sorted(state):
        value = state[key].detach().cpu().contiguous()
        found.update(f"{key} {value.dtype} {tuple(value.shape)}\n".encode())
        found.update(value.reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()
