"""The frozen trunk's output of frames as each epoch shows them, remembered between trainings. Needs torch.

Augmentation hangs on (seed, epoch, frame) and on nothing else. So trainings that share a frozen trunk, one a variable
and one a start, see the same pictures, and the trunk need not look at them again. What is remembered is what would be
computed, bit for bit: the trunk always gets groups of one size, within which a frame's neighbours make no difference.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.vision.trunk import Features, Live

LIMIT_BYTES = 1 << 30


class Remembered:
    """A memory of limited size; when it is full, what is new is computed each time."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self.limit_bytes, self.bytes = limit_bytes, 0
        self._known: dict[tuple[str, str, int | None], Tensor] = {}

    def through(self, trunk: str, live: Live) -> Features:
        """The trunk of a hash, with this memory before it."""

        def found(frames: Sequence[int], epoch: int | None) -> Tensor:
            keys = [(trunk, live.keys[frame], epoch) for frame in frames]
            missing = [number for number, key in enumerate(keys) if key not in self._known]
            new = dict(zip(missing, self._seen(live, [frames[n] for n in missing], epoch), strict=True))
            outputs = [new[n] if n in new else self._known[key] for n, key in enumerate(keys)]
            for number, output in new.items():
                self._keep(keys[number], output)
            return torch.stack(outputs).to(live.where)

        return found

    def _seen(self, live: Live, frames: Sequence[int], epoch: int | None) -> list[Tensor]:
        return list(live(frames, epoch).cpu()) if frames else []

    def _keep(self, key: tuple[str, str, int | None], output: Tensor) -> None:
        size = output.numel() * output.element_size()
        if self.bytes + size <= self.limit_bytes:
            self._known[key] = output.clone()
            self.bytes += size
