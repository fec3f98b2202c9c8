"""The output of the frozen trunk: computed for a batch, or once for all and kept in a file. Needs torch.

Frozen layers give the same output in every epoch and every fold, so they need to run once a frame. That the result is
then the same to the last bit hangs on one thing: a library may sum in another order for another batch size (seen here:
oneDNN and its rivals change kernels at batch 1 and at batch 16). Therefore frames go through the trunk one at a time,
by the same code, whether the output is kept or not: what is in the file is what the plain loop would compute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.files import replacing
from engine.vision import data, device
from engine.vision.data import Augmentation, Preprocessing
from engine.vision.decode import Frame
from engine.vision.split import Split

DIGEST_BYTES = 32


class Features(Protocol):
    """The trunk's output (B, ...) for some frames, as an epoch shows them; epoch None shows them unchanged."""

    def __call__(self, frames: Sequence[int], epoch: int | None) -> Tensor: ...


@dataclass(frozen=True)
class Changes:
    """What happens to a frame before the trunk sees it."""

    preprocessing: Preprocessing
    augmentation: Augmentation
    seed: int


class Live:
    """The trunk's output, computed when asked.

    Args:
        split: whose trunk.
        frames: (N, S, S, 3) uint8.
        keys: (N,) a name a frame, for the random numbers of augmentation.
        together: how many frames go through the trunk at once.
    """

    def __init__(
        self,
        split: Split,
        frames: Frame,
        keys: Sequence[str],
        changes: Changes,
        where: torch.device,
        precision: str,
        together: int = 1,
    ) -> None:
        self.split, self.frames, self.keys, self.changes = split, frames, keys, changes
        self.where, self.precision, self.together = where, precision, together

    def __call__(self, frames: Sequence[int], epoch: int | None) -> Tensor:
        pieces = [frames[start : start + self.together] for start in range(0, len(frames), self.together)]
        return torch.cat([self._pass(piece, epoch) for piece in pieces]).contiguous()

    def images(self, frames: Sequence[int], epoch: int | None) -> Tensor:
        """(B, 3, S, S) float32."""
        shown = np.stack([self._shown(frame, epoch) for frame in frames])
        how = self.changes.preprocessing
        return torch.from_numpy(data.normalised(shown, how.mean, how.std)).to(self.where)

    def _pass(self, frames: Sequence[int], epoch: int | None) -> Tensor:
        with torch.no_grad(), device.autocast(self.where, self.precision):
            output: Tensor = self.split.trunk(self.images(frames, epoch))
        return output

    def _shown(self, frame: int, epoch: int | None) -> Frame:
        if epoch is None or not self.changes.augmentation:
            unchanged: Frame = self.frames[frame]
            return unchanged
        return data.augmented(self.frames[frame], self.changes.augmentation, self.changes.seed, epoch, self.keys[frame])


class Kept:
    """The trunk's output from files that all processes share: mapped into memory, not copied.

    Args:
        path: the file of an epoch; for None, that of the unchanged frames.
        live: computes what is missing or damaged.
    """

    def __init__(self, path: Callable[[int | None], Path], live: Live) -> None:
        self.path, self.live = path, live
        self.open: dict[Path, Tensor] = {}

    def __call__(self, frames: Sequence[int], epoch: int | None) -> Tensor:
        return self.of(epoch)[list(frames)].to(self.live.where)

    def of(self, epoch: int | None) -> Tensor:
        """All frames' output (N, ...), computed and kept where it is not there yet."""
        path = self.path(epoch)
        if path not in self.open:
            found = opened(path)
            if found is None:
                count = len(self.live.frames)
                keep(path, count, (self.live([frame], epoch) for frame in range(count)))
                found = opened(path)
            if found is None:
                raise OSError(f"{path}: was written and cannot be read back")
            self.open[path] = found
        return self.open[path]


def keep(path: Path, count: int, outputs: Iterator[Tensor]) -> None:
    """Write the outputs (1, ...) of `count` frames into one .npy file, with the SHA-256 of its numbers at the end."""
    found = hashlib.sha256()
    first = _numbers(next(outputs))
    with replacing(path) as beside, beside.open("wb") as file:
        header = {"descr": first.dtype.str, "fortran_order": False, "shape": (count, *first.shape[1:])}
        np.lib.format.write_array_header_2_0(file, header)
        for numbers in chain([first], map(_numbers, outputs)):
            found.update(numbers.tobytes())
            file.write(numbers.tobytes())
        file.write(found.digest())


def opened(path: Path) -> Tensor | None:
    """The outputs (N, ...) in a file, mapped; None where there is no file or it is not what was written."""
    try:
        numbers = np.load(path, mmap_mode="c")
        with path.open("rb") as file:
            file.seek(-DIGEST_BYTES, 2)
            digest = file.read()
    except (OSError, ValueError, EOFError):
        return None
    if hashlib.sha256(numbers).digest() != digest:
        return None
    # numpy has no bf16: its bits are kept as 16-bit whole numbers.
    tensor = torch.from_numpy(numbers)
    return tensor.view(torch.bfloat16) if numbers.dtype == np.uint16 else tensor


def _numbers(output: Tensor) -> npt.NDArray[np.generic]:
    plain = output.detach().cpu().contiguous()
    return plain.view(torch.uint16).numpy() if plain.dtype == torch.bfloat16 else plain.numpy()
