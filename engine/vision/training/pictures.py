"""Pictures in files as a data set that loaders in other processes can hold: paths and numbers, nothing open.

What a picture looks like in an epoch hangs on (seed, epoch, its name) alone, so it does not matter which process
loads it, when, or how often.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from engine.vision import data, source
from engine.vision.data import Augmentation, Preprocessing

Wanted = tuple[int, int]  # the number of a picture, and the epoch that shows it; -1: unchanged
UNCHANGED = -1


@dataclass(frozen=True)
class Pictures(Dataset[tuple[Tensor, int]]):
    """Pictures by number.

    Attributes:
        paths: (N,) of the files.
        names: (N,) which the random changes hang on; empty: the paths.
    """

    paths: tuple[str, ...]
    preprocessing: Preprocessing
    augmentation: Augmentation = Augmentation()  # noqa: RUF009 (it is frozen)
    seed: int = 0
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, wanted: Wanted) -> tuple[Tensor, int]:
        """(S, S, 3) uint8, and the picture's number; DataError where the file cannot be read."""
        number, epoch = wanted
        frame = data.resized(source.picture(Path(self.paths[number])), self.preprocessing)
        if self.augmentation and epoch != UNCHANGED:
            name = (self.names or self.paths)[number]
            frame = data.augmented(frame, self.augmentation, self.seed, epoch, name)
        return torch.from_numpy(np.array(frame)), number

    def images(self, frames: Tensor) -> Tensor:
        """(B, 3, S, S) float32, normalised, of frames (B, S, S, 3) uint8; on the device of the frames."""
        how, where = self.preprocessing, frames.device
        mean, std = (torch.tensor(values, device=where).view(1, 3, 1, 1) for values in (how.mean, how.std))
        images = frames.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.contiguous_format)
        return images.div_(255).sub_(mean).div_(std)  # in place: a third of the time
