"""What a leave-one-out study leaves behind: its tables and pictures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine import tables
from engine.files import write_atomic, write_json
from engine.stats import pictures
from engine.stats.metrics import Floats

COLUMNS = ("video_id", "frame_index", "variable", "fold", "label", "before", "after", "right", "score", "scores")
Place = Callable[[str, str], Path]


@dataclass(frozen=True)
class Outcome:
    """What one variable's study found.

    Attributes:
        frames: (N,) the video_id and frame_index of each.
        groups: for each fold the name of what it left out.
        folds: for each fold the numbers of the frames that it left out.
        labels: (N,) class numbers.
        before: (N, K) scores.
        after: (N, K) scores.
        report: the comparison.
    """

    variable: str
    classes: Sequence[str]
    frames: Sequence[tuple[str, int]]
    groups: Sequence[str]
    folds: Sequence[Sequence[int]]
    labels: Sequence[int]
    before: Floats
    after: Floats
    report: Mapping[str, Any]


def write(outcomes: Sequence[Outcome], place: Place) -> None:
    """Write `predictions.csv` and each variable's confusion matrices; `place` says where a name with its sense goes."""
    with tables.writer(place("predictions.csv", "one row a frame and variable"), COLUMNS) as table:
        for outcome in outcomes:
            for row in _rows(outcome):
                table.write(*row)
    for outcome in outcomes:
        _confusion(outcome, place)


def _rows(outcome: Outcome) -> list[list[object]]:
    rows: list[list[object]] = []
    names = outcome.classes
    left_out = {n: name for name, fold in zip(outcome.groups, outcome.folds, strict=True) for n in fold}
    for number, (video_id, index) in enumerate(outcome.frames):
        scores = {name: round(float(score), 6) for name, score in zip(names, outcome.after[number], strict=True)}
        label, was, now = (names[int(n)] for n in _numbers(outcome, number))
        row = [video_id, index, outcome.variable, left_out[number], label, was, now, int(now == label)]
        rows.append([*row, scores[now], json.dumps(scores, ensure_ascii=False)])
    return rows


def _numbers(outcome: Outcome, number: int) -> tuple[int, int, int]:
    return outcome.labels[number], int(np.argmax(outcome.before[number])), int(np.argmax(outcome.after[number]))


def _confusion(outcome: Outcome, place: Place) -> None:
    name, both = (
        f"confusion_{outcome.variable}",
        {when: outcome.report[when]["confusion"] for when in ("before", "after")},
    )
    about = {"rows": "label", "columns": "prediction", "classes": list(outcome.classes)}
    write_json(place(f"{name}.json", f"{outcome.variable}: labels against predictions"), {**about, **both})
    titles = {
        f"{when}: accuracy {outcome.report[when]['accuracy']:.3f}": np.array(table) for when, table in both.items()
    }
    picture = pictures.confusion(titles, outcome.classes, f"{outcome.variable}, left-out frames")
    write_atomic(place(f"{name}.png", f"{outcome.variable}: labels against predictions"), picture)
