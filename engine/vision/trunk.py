"""The output of the frozen trunk: computed for a batch, or once for all and kept in a file. Needs torch.

Frozen layers give the same output in every epoch and every fold, so they need to run once a frame. That the result is
then the same to the last bit hangs on one thing: libraries choose other kernels, which sum in another order, for other
batch sizes (measured with torch 2.15 on AVX-512: at a batch of 1 for small images, from 16 on for depthwise layers).
Within a batch the place of a frame and its neighbours make no difference. Therefore the trunk is always given the same
number of frames, a last group being filled up, whether its output is kept or not: what is in the file is what the plain
loop computes.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
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
ABANDONED_S = 86_400.0
GROUP = 8  # frames: enough for full speed on a processor, few enough for its kernels' thresholds


class Features(Protocol):
    """The trunk's output (B, ...) for some frames, as an epoch shows them; epoch None shows them unchanged."""

    def __call__(self, frames: Sequence[int], epoch: int | None) -> Tensor: ...


class Pixels(Protocol):
    """Frames (S, S, 3) uint8 by number: an array of all of them, or something that finds each."""

    def __getitem__(self, number: int, /) -> Frame: ...

    def __len__(self) -> int: ...


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
    """

    def __init__(
        self,
        split: Split,
        frames: Pixels,
        keys: Sequence[str],
        changes: Changes,
        where: torch.device,
        precision: str,
    ) -> None:
        self.split, self.frames, self.keys, self.changes = split, frames, keys, changes
        self.where, self.precision = where, precision

    def __call__(self, frames: Sequence[int], epoch: int | None) -> Tensor:
        groups = [frames[start : start + GROUP] for start in range(0, len(frames), GROUP)]
        return torch.cat([self._pass(group, epoch) for group in groups]).contiguous()

    def images(self, frames: Sequence[int], epoch: int | None) -> Tensor:
        """(B, 3, S, S) float32."""
        shown = np.stack([self._shown(frame, epoch) for frame in frames])
        how = self.changes.preprocessing
        return torch.from_numpy(data.normalised(shown, how.mean, how.std)).to(self.where)

    def _pass(self, group: Sequence[int], epoch: int | None) -> Tensor:
        filled = [*group, *[group[-1]] * (GROUP - len(group))]
        with torch.no_grad(), device.autocast(self.where, self.precision):
            output: Tensor = self.split.trunk(self.images(filled, epoch))
        return output[: len(group)]

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
                keep(path, self.live, epoch)
                found = opened(path)
            if found is None:
                raise OSError(f"{path}: was written and cannot be read back")
            self.open[path] = found
        return self.open[path]


def keep(path: Path, live: Live, epoch: int | None) -> None:
    """Write the output for all frames into one .npy file, with the SHA-256 of its numbers at the end."""
    _sweep(path.parent)
    found, count = hashlib.sha256(), len(live.frames)
    groups = (live(range(count)[start : start + GROUP], epoch) for start in range(0, count, GROUP))
    first = _numbers(next(groups))
    with replacing(path) as beside, beside.open("wb") as file:
        header = {"descr": first.dtype.str, "fortran_order": False, "shape": (count, *first.shape[1:])}
        np.lib.format.write_array_header_2_0(file, header)
        for numbers in chain([first], map(_numbers, groups)):
            found.update(numbers.tobytes())
            file.write(numbers.tobytes())
        file.write(found.digest())


def _sweep(folder: Path) -> None:
    # What killed processes left half-written. Runs share this folder, so young files may be somebody's work.
    for beside in folder.glob(".*.part"):
        with suppress(OSError):
            if time.time() - beside.stat().st_mtime > ABANDONED_S:
                beside.unlink()


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
