"""How much each teacher counts: as asked, the best of a sweep, or what fits validation best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import tables
from engine.errors import SpecError
from engine.fusing.cache import Singles
from engine.fusing.images import Images
from engine.fusing.teachers import Teacher
from engine.record import Recorder
from engine.specs.ensemble import Ensemble
from engine.stats import combine, metrics
from engine.stats.metrics import Floats

SCORES = ("accuracy", "macro_f1", "nll")


@dataclass(frozen=True)
class Chosen:
    """The weights (T,), on which split they were chosen (none where they were given), and what they gave there."""

    weights: Floats
    split: str
    told: dict[str, float]
    candidates: int

    def to_json(self, how: str) -> dict[str, Any]:
        return {"how": how, "split": self.split or None, "candidates": self.candidates, **self.told}


def given(weights: Sequence[float], how: str, teachers: int) -> Floats:
    """The weights that need no validation, `equal` or `fixed`; SpecError where their number does not fit."""
    if how == "equal":
        return np.full(teachers, 1 / teachers)
    if len(weights) != teachers or not sum(weights) > 0:
        raise SpecError(
            [f"weights: expected {teachers} numbers, one a teacher, not all 0; got {list(weights)}"],
            hint="or equal weights, or those of a sweep",
        )
    return np.array(weights) / sum(weights)


def chosen(spec: Ensemble, out: Recorder, teachers: Sequence[Teacher], logits: Singles, images: Images) -> Chosen:
    """The weights that are best on these images; a sweep leaves its whole table."""
    if spec.weighting == "fit":
        weights = combine.fitted(logits, images.labels, spec.space)
        return Chosen(weights, images.split, told(logits, images, weights[None], spec.space)[0], 1)
    weightings = combine.simplex(len(teachers), spec.step)
    found = told(logits, images, weightings, spec.space)
    best = _best(found, spec.choose)
    _write(out, teachers, weightings, found, best)
    out.note(f"{len(found):,} weightings on {images.split}: the best by {spec.choose} is {plain(weightings[best])}")
    return Chosen(weightings[best], images.split, found[best], len(found))


def told(logits: Singles, images: Images, weightings: Floats, space: combine.Space) -> list[dict[str, float]]:
    """What each weighting gives."""
    swept = combine.sweep(logits, images.labels, weightings, space)
    columns = [metrics.accuracy(swept.tables), metrics.macro_f1(swept.tables), swept.nll]
    return [dict(zip(SCORES, map(float, row), strict=True)) for row in zip(*columns, strict=True)]


def _best(found: Sequence[dict[str, float]], by: str) -> int:
    """The best by a score, of equals that with the least loss, of these the first."""
    sign = 1 if by == "nll" else -1
    return min(range(len(found)), key=lambda row: (sign * found[row][by], found[row]["nll"], row))


def _write(
    out: Recorder, teachers: Sequence[Teacher], weightings: Floats, found: Sequence[dict[str, float]], best: int
) -> None:
    columns = [*(f"weight_{one.name}" for one in teachers), *SCORES, "chosen"]
    with tables.writer(out.artifact("sweep.csv", "all weightings and what they give on validation"), columns) as table:
        for row, (weights, scores) in enumerate(zip(weightings, found, strict=True)):
            table.write(*plain(weights), *(scores[name] for name in SCORES), int(row == best))


def plain(weights: Floats) -> list[float]:
    """Weights as they are told: 0.4 and not 0.4000000001."""
    return [round(float(one), 6) for one in weights]
