"""The images of a split: their rows, what their files hold, and their labels as class numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from engine import manifests
from engine.contents import Contents
from engine.manifests import Row
from engine.record import Recorder
from engine.specs.ensemble import Teachers
from engine.stats.metrics import Ints


@dataclass(frozen=True)
class Images:
    """N images in the order of their manifest."""

    split: str
    root: Path
    rows: Sequence[Row]
    hashes: Sequence[str]
    classes: Sequence[str]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def digest(self) -> str:
        """What these images are, in this order."""
        return manifests.digest(self.rows, self.hashes)

    @cached_property
    def labels(self) -> Ints:
        """(N,) class numbers."""
        number = {name: place for place, name in enumerate(self.classes)}
        return np.array([number[row.label] for row in self.rows], np.int64)

    @property
    def paths(self) -> list[Path]:
        return [self.root / row.image_path for row in self.rows]


def of_split(spec: Teachers, out: Recorder, split: str, classes: Sequence[str]) -> Images:
    """The images of a split; DataError where there are none, one is missing, or a label is none of the classes."""
    rows = manifests.read(out.resolve(spec.manifest), split, classes)
    root, names = out.resolve(spec.data_root), [row.image_path for row in rows]

    def said(done: int) -> None:
        out.progress(done, len(names), "images", split)
        out.checkpoint()

    hashes = Contents(out.workspace.cache / "contents.sqlite").hashes(root, names, said)
    return Images(split, root, rows, hashes, classes)
