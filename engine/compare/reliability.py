"""Reliability diagrams over each other: of each bin of confidence how often each side is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.compare.parts import Part
from engine.files import read_json

FILES = ("calibration.json", "ensemble_metrics.json")
KINDS = {"bins_before": "raw", "bins": "scaled"}


@dataclass(frozen=True)
class Bin:
    """The predictions of one bin: how many, how sure, and how often right; the latter two of all of them."""

    low: float
    high: float
    images: int
    confidence: float
    accuracy: float

    @property
    def gap(self) -> float:
        """Accuracy less confidence: below 0 it is surer than it should be."""
        return self.accuracy - self.confidence


@dataclass(frozen=True)
class BinRow:
    """One bin on all sides; None where a side has no prediction in it, or told none."""

    name: str
    values: tuple[Bin | None, ...]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"name": self.name, "values": [one and asdict(one) for one in self.values]}


def rows(sides: Sequence[Part]) -> tuple[BinRow, ...]:
    """All bins in which any side has predictions: first raw ones, then those after a temperature."""
    told = [_told(side) for side in sides]
    keys = sorted({key for one in told for key in one}, key=lambda key: (key[0] != "raw", key[1]))
    return tuple(
        BinRow(f"{kind} {low:.2f}-{high:.2f}", tuple(one.get((kind, low, high)) for one in told))
        for kind, low, high in keys
    )


def _told(side: Part) -> dict[tuple[str, float, float], Bin]:
    folder = side.run.artifacts / side.stage
    found = next((whole for name in FILES if (whole := read_json(folder / name)).get("bins")), {})
    # Without a temperature there is one kind of bins, and it is raw.
    kinds = KINDS if found.get("bins_before") else {"bins": "raw"}
    return {
        (kind, one.low, one.high): one
        for key, kind in kinds.items()
        for raw in found.get(key, [])
        if (one := _bin(raw)) is not None
    }


def _bin(raw: Any) -> Bin | None:
    try:
        images = int(raw["frames"])
        numbers = [float(raw[name]) for name in ("confidence", "accuracy")] if images else []
        return Bin(round(float(raw["low"]), 6), round(float(raw["high"]), 6), images, *numbers) if images else None
    except (KeyError, TypeError, ValueError):
        return None
