"""A consumer without torch, so that processes that are killed again and again begin quickly."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.vision.consuming import Batch, Column, Row, View

SQUARE = View("squash", 24)


@dataclass
class Means:
    """Tells the mean of each channel, and of a video their mean; `seen` counts frames."""

    batch: int = 8
    name: str = "means"
    view: View = SQUARE
    stamp: str = "1"
    seen: int = 0

    def __post_init__(self) -> None:
        self.columns = tuple(
            Column(f"{self.name}_{colour}", "float", f"mean of {colour}", "", "0 to 255", 2)
            for colour in ("red", "green", "blue")
        )
        self.video_columns = (Column(f"{self.name}_video", "float", "mean of red", "", "0 to 255", 2),)

    @property
    def version(self) -> str:
        return hashlib.sha256(self.stamp.encode()).hexdigest()

    def frames(self, batch: Batch) -> list[Row]:
        self.seen += len(batch.pixels)
        return [[round(float(mean), 2) for mean in pixels.mean((0, 1))] for pixels in batch.pixels]

    def video(self, rows: Sequence[Row], times: Sequence[float], facts: Mapping[str, Any]) -> Row:
        return [round(sum(float(row[0] or 0) for row in rows) / len(rows), 2)]
