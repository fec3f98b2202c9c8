"""Batches of pictures, loaded here or by processes of their own. Needs torch.

Processes are spawned and never forked: nothing in them hangs on how the job was started, and no lock of a library is
copied while it is held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from engine.errors import DataError
from engine.vision.training.pictures import UNCHANGED, Pictures, Wanted

AHEAD = 4  # batches that each process prepares

Loaded = tuple[Tensor, Tensor]  # frames (B, S, S, 3) uint8, and the numbers (B,) of the pictures


class Batches:
    """What a loader is asked for: changed by the process that trains, before each epoch."""

    def __init__(self) -> None:
        self.wanted: Sequence[Sequence[Wanted]] = ()

    def __iter__(self) -> Iterator[list[Wanted]]:
        return (list(batch) for batch in self.wanted)

    def __len__(self) -> int:
        return len(self.wanted)


class Loading:
    """Loads batches; its processes live from its first batch until `close`."""

    def __init__(self, pictures: Pictures, workers: int) -> None:
        self._batches = Batches()
        self._loader: DataLoader[Any] = DataLoader(
            _Told(pictures), batch_sampler=self._batches, num_workers=workers, collate_fn=_together,
            multiprocessing_context="spawn" if workers else None, persistent_workers=workers > 0,
            prefetch_factor=AHEAD if workers else None, worker_init_fn=_begin if workers else None,
            pin_memory=torch.cuda.is_available(), generator=torch.Generator(),
        )  # fmt: skip

    def __call__(self, wanted: Sequence[Sequence[Wanted]]) -> Iterator[Loaded]:
        """The batches in their order; DataError where a picture cannot be read."""
        self._batches.wanted = wanted
        for found in self._loader:
            if isinstance(found, DataError):
                raise found
            yield found


def unchanged(count: int, batch: int) -> list[list[Wanted]]:
    """All pictures in their order, `batch` at a time, without random changes."""
    return [[(n, UNCHANGED) for n in range(at, min(at + batch, count))] for at in range(0, count, batch)]


class _Told(Dataset[Any]):
    """Pictures, and what is wrong with one as a value: an error that crosses processes loses its hint."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def __getitem__(self, wanted: Wanted) -> tuple[Tensor, int] | DataError:
        try:
            return self._pictures[wanted]
        except DataError as error:
            return error


def _together(items: Sequence[Any]) -> Loaded | DataError:
    for item in items:
        if isinstance(item, DataError):
            return item
    return torch.stack([frame for frame, _ in items]), torch.tensor([number for _, number in items])


def _begin(_number: int) -> None:
    torch.set_num_threads(1)
