"""Logits that were computed once: by weights, images and preprocessing, in shards that a killed run goes on from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import DataError
from engine.files import read_json, write_atomic, write_json

SHARD = 2048  # images, about
Singles = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Kept:
    """The logits of one teacher over images, as far as they are there.

    Attributes:
        facts: on which the logits hang: weights, images, preprocessing, classes, precision and batch.
        images: how many there are.
        shard: of how many images a part is.
    """

    folder: Path
    facts: dict[str, Any]
    images: int
    classes: int
    shard: int

    def missing(self) -> Iterator[tuple[int, slice]]:
        """Number and images of each part that is not there yet."""
        for number, start in enumerate(range(0, self.images, self.shard)):
            if not self._file(number).is_file():
                yield number, slice(start, min(start + self.shard, self.images))

    def keep(self, number: int, logits: Singles) -> None:
        """Write a part, whole or not at all."""
        if not np.isfinite(logits).all():
            raise DataError(f"{self.facts['model']}: a logit is not a finite number", hint="these weights are broken")
        buffer = BytesIO()
        np.save(buffer, logits.astype(np.float32))
        write_atomic(self._file(number), buffer.getvalue())

    def read(self) -> Singles:
        """(N, K) all parts.

        Raises:
            DataError: what lies there are not the logits of these images.
        """
        told = read_json(self.folder / "meta.json")
        if told != self.facts:
            raise DataError(f"{self.folder}: are the logits of something else", hint="delete this folder")
        parts = [self._part(number) for number in range(-(-self.images // self.shard))]
        return np.concatenate(parts)

    def _part(self, number: int) -> Singles:
        expected = min(self.shard, self.images - number * self.shard), self.classes
        try:
            part: Singles = np.load(self._file(number), allow_pickle=False)
        except (OSError, ValueError) as error:
            raise DataError(f"{self._file(number)}: cannot be read: {error}", hint="delete this file") from None
        if part.shape != expected or not np.isfinite(part).all():
            raise DataError(f"{self._file(number)}: {part.shape}, expected {expected}", hint="delete this file")
        return part

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:05d}.npy"


def place(cache: Path, facts: dict[str, Any], images: int, classes: Sequence[str], batch: int) -> Kept:
    """Where the logits are kept on which these facts hang; parts are cut at multiples of the batch."""
    key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    folder = cache / "logits" / key[:32]
    if not (folder / "meta.json").is_file():  # the folder may be there already: its maker was killed
        write_json(folder / "meta.json", facts)
    return Kept(folder, facts, images, len(classes), batch * max(1, SHARD // batch))


def fill(kept: Kept, compute: Callable[[slice], Singles], say: Callable[[int], None]) -> None:
    """Compute all parts that are missing; `say` is told how many images are done, and may raise."""
    for number, some in kept.missing():
        kept.keep(number, compute(some))
        say(some.stop)
