"""The files of a round, but for weights: tables that can be read by eye, and metrics.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine import rounds, tables
from engine.annotations.decision import Unit
from engine.rounding.asking import Asked
from engine.rounding.judging import Judged
from engine.rounding.sets import Sets
from engine.stats.sides import SIDES, TEST

KEY = ("video_id", "frame_index")
DIGITS = 6  # of scores in tables


def sides(folder: Path, sets: Sets) -> None:
    """The side of each video that has labels."""
    with tables.writer(folder / rounds.SIDES, ["video_id", "group", "side"]) as table:
        for video, group in sorted(sets.group_of.items()):
            if group in sets.sides:
                table.write(video, group, sets.sides[group])


def labels(folder: Path, sets: Sets, variables: Sequence[str]) -> None:
    """Every label that took part, and for what."""
    with tables.writer(folder / rounds.LABELS, [*KEY, "side", *variables]) as table:
        for side in SIDES:
            for unit in sets.units(side):
                table.write(*unit, side, *(sets.labels[side][name].get(unit, "") for name in variables))


def predictions(folder: Path, judged: Mapping[str, Judged]) -> None:
    """What the kept models say of each test frame, and of the stop set."""
    columns = [*KEY, "group", "variable", "label", "predicted", "right", "confidence", "scores"]
    with tables.writer(folder / rounds.PREDICTIONS, columns) as table:
        for variable, one in judged.items():
            side = one.sides[TEST]
            scores = one.scores(side.logits)
            for n, unit in enumerate(side.units):
                label, best = int(side.labels[n]), int(side.predictions[n])
                told = {name: round(float(s), DIGITS) for name, s in zip(one.classes, scores[n], strict=True)}
                confidence = f"{scores[n, best]:.{DIGITS}f}"
                row = (side.groups[n], variable, one.classes[label], one.classes[best], int(label == best), confidence)
                table.write(*unit, *row, json.dumps(told, ensure_ascii=False))
    with tables.writer(folder / rounds.STOP_PREDICTIONS, [*KEY, "variable", "predicted"]) as table:
        for variable, one in judged.items():
            for unit, best in zip(one.stop_units, one.stop_logits.argmax(1), strict=True):
                table.write(*unit, variable, one.classes[int(best)])


def pool(folder: Path, units: Sequence[Unit], asked: Asked, predicted: Mapping[str, Sequence[str]]) -> None:
    """Every frame of the pool with its score, whether it is asked for or not."""
    rank = {row: (place, arm) for place, (row, arm) in enumerate(zip(asked.rows, asked.arms, strict=True), start=1)}
    names = list(predicted)
    columns = [*KEY, "score", "arm", "rank", *(f"{n}_score" for n in names), *(f"{n}_predicted" for n in names)]
    with tables.writer(folder / rounds.POOL, columns) as table:
        for row, unit in enumerate(units):
            place, arm = rank.get(row, ("", ""))
            parts = [f"{asked.by_variable[name][row]:.{DIGITS}f}" for name in names]
            table.write(
                *unit, f"{asked.scores[row]:.{DIGITS}f}", arm, place, *parts, *(predicted[n][row] for n in names)
            )


def queue(folder: Path, number: int, units: Sequence[Unit], asked: Asked) -> None:
    """The frames that coders are asked for, the most wanted first."""
    with tables.writer(folder / rounds.QUEUE, ["rank", *KEY, "arm", "round"]) as table:
        for rank, (row, arm) in enumerate(zip(asked.rows, asked.arms, strict=True), start=1):
            table.write(rank, *units[row], arm, number)


def sizes(sets: Sets, videos: int, frames: int, added: int | None) -> dict[str, Any]:
    """How many frames and groups there are of everything."""
    found: dict[str, Any] = {
        "videos": videos, "groups": len(set(sets.group_of.values())), "frames": frames, "pool": len(sets.pool),
        "stop_set": len(sets.stop), "added": added, "test_side_unused": sets.unused,
    }  # fmt: skip
    for side in SIDES:
        units = sets.units(side)
        found[side] = {"frames": len(units), "groups": len({sets.group(unit) for unit in units})}
    return found
