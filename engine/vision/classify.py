"""Classifiers as a consumer of frames: labels and probabilities of each frame, votes of each video. Needs torch.

Two rules make the tables the same however the work was cut up:
- The network is always given the same number of frames at once (on a processor 8, on a GPU the batch), a last group
  being filled up: its libraries sum in another order for another number, and in the same order whatever the neighbours.
- Probabilities are rounded, and everything else is made of the rounded ones (`voting`).
The first rule makes runs on one machine equal to the last bit. Between machines, batches of a GPU, or backends,
probabilities may differ by some 1e-6 in fp32 (some 1e-3 in half precision): the second rule hides most of the former,
and none of the latter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.errors import DataError
from engine.vision import backend, data, sharing, voting
from engine.vision.backend import Chosen
from engine.vision.classifier import Classifier
from engine.vision.consuming import Batch, Row, view_of
from engine.vision.decode import Frame
from engine.vision.trunk import GROUP

STAMP = "classify 1"  # changes when this file's answers do
GPU_BATCH = 256
CPU_BATCH = 2 * GROUP  # what a choice of backend is tried on


class Classifiers:
    """Classifiers that want to see the same pixels; settles at its first batch how it runs.

    Args:
        where: the device.
        precision: as asked for.
        how: a backend by name, or auto.
        batch: how many frames are gathered; 0 leaves it to us.
        frames: how many there will be in all.
        chosen: how it ran before, after a resume.
        settled: hears how it runs, before the first answer.
        check: is called every second or so; what it raises ends the work.
        say: hears of what a person should know.
    """

    def __init__(
        self, classifiers: Sequence[Classifier], where: torch.device, *, precision: str = "fp32", how: str = "auto",
        batch: int = 0, frames: int = 0, chosen: Chosen | None = None,
        settled: Callable[[Chosen, str], None] = lambda chosen, words: None, check: Callable[[], None] = lambda: None,
        say: Callable[[str], None] = lambda words: None,
    ) -> None:  # fmt: skip
        first = classifiers[0]
        self.name = "+".join(one.name for one in classifiers)
        self.version = hashlib.sha256(
            json.dumps([STAMP, voting.DECIMALS, precision, how, [one.facts() for one in classifiers]]).encode()
        ).hexdigest()
        self.view = view_of(first.preprocessing)
        self.batch = batch or (GPU_BATCH if where.type == "cuda" else CPU_BATCH)
        self.columns = tuple(column for one in classifiers for column in voting.frame_columns(one.name, one.classes))
        self.video_columns = tuple(
            column for one in classifiers for column in voting.video_columns(one.name, one.classes)
        )
        self._classifiers, self._where, self._how, self._precision = classifiers, where, how, precision
        self._group = self.batch if where.type == "cuda" else GROUP
        self._all, self._chosen, self._settled, self._check, self._say = frames, chosen, settled, check, say
        self._networks = [one.load() for one in classifiers]
        self._forward: Callable[[Tensor], tuple[Tensor, ...]] | None = None

    def frames(self, batch: Batch) -> list[Row]:
        """A row a frame: of each classifier the label, its probability, and those of all classes."""
        while True:
            try:
                scores = self._scores(batch.pixels)
                break
            except torch.cuda.OutOfMemoryError:
                self._smaller()
        told = list(zip([one.classes for one in self._classifiers], scores, strict=True))
        return [
            [cell for classes, rows in told for cell in voting.cells(classes, rows[number])]
            for number in range(len(batch.pixels))
        ]

    def video(self, rows: Sequence[Row], times: Sequence[float], facts: Mapping[str, Any]) -> Row:
        """Of each classifier the label with most votes, its share, whether there was a tie, and mean probabilities."""
        cells, start = list[Any](), 0
        for one in self._classifiers:
            width = 2 + len(one.classes)
            cells += voting.vote(one.classes, [row[start : start + width] for row in rows])
            start += width
        return cells

    # --- how -----------------------------------------------------------------------------------------------------

    def _scores(self, pixels: Frame) -> list[voting.Scores]:
        """Of each classifier (N, K) whole numbers of 1/10,000."""
        if self._forward is None:
            self._forward = self._begin(pixels)
        forward, found = self._forward, [list[voting.Scores]() for _ in self._classifiers]
        for start in range(0, len(pixels), self._group):
            self._check()
            for number, each in enumerate(forward(self._images(pixels[start : start + self._group]))):
                chances = each[: len(pixels) - start].double().cpu().softmax(1).numpy()
                if not np.isfinite(chances).all():
                    raise _no_number(self._classifiers[number], str(self._chosen and self._chosen.backend))
                found[number].append(voting.rounded(chances))
        return [np.concatenate(pieces) for pieces in found]

    def _images(self, pixels: Frame) -> Tensor:
        """A group of images (G, 3, S, S), filled up with the last one."""
        how = self._classifiers[0].preprocessing
        pixels = np.concatenate([pixels, np.repeat(pixels[-1:], self._group - len(pixels), axis=0)])
        if self._where.type == "cpu":
            return torch.from_numpy(data.normalised(pixels, how.mean, how.std))
        sent = torch.from_numpy(pixels).to(self._where, non_blocking=True).permute(0, 3, 1, 2).float() / 255
        mean, std = (torch.tensor(three, device=self._where).view(1, 3, 1, 1) for three in (how.mean, how.std))
        return (sent - mean) / std

    def _begin(self, pixels: Frame) -> Callable[[Tensor], tuple[Tensor, ...]]:
        """Settle how the networks run, by trying it on the first frames."""
        groups = [self._images(pixels[start : start + self._group]) for start in range(0, len(pixels), self._group)]
        for network in self._networks:
            network.to(self._where)
        kinds = [one.model for one in self._classifiers]
        network, words = sharing.together(kinds, self._networks, groups[0])
        if self._chosen is None:
            self._chosen = (
                backend.choose(network, groups, self._where, self._precision, self._all, self._check)
                if self._how == "auto"
                else backend.named(self._how, self._precision, self._where)
            )
        self._settled(self._chosen, words)
        return self._chosen.backend.forward(network, self._where)

    def _smaller(self) -> None:
        """Take half as many at once, where memory was not enough."""
        torch.cuda.empty_cache()
        if self._group == 1:
            raise MemoryError("the device has not enough memory for one frame")
        self._group //= 2
        self._say(f"{self.name}: not enough memory on {self._where}: {self._group} frames at once from here on")


def _no_number(one: Classifier, way: str) -> DataError:
    """What is no number cannot be rounded, and would be a label like any other."""
    return DataError(
        f"{one.name}: its network gives no numbers for a frame ({way})",
        hint=f"compute.precision: fp32 has the widest range; if that does not help, {one.path.name} is damaged",
    )
