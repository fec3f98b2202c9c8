"""A comparison for programs, as JSON."""

from __future__ import annotations

from typing import Any

from engine.compare import paired
from engine.compare.side import Side, sign
from engine.compare.whole import Comparison, MetricRow, differences
from engine.records import finite


def to_json(found: Comparison) -> dict[str, Any]:
    """All of it."""
    return {
        "runs": [_run(place, one) for place, one in enumerate(found.sides)],
        "reference": found.sides[0].id,
        "metrics": [_metric(row) for row in found.metrics],
        "comparisons": found.comparisons,
        "correction": "Holm",
        "method": paired.METHOD,
        "unpaired": [{**vars(one), "run": found.sides[one.side].id} for one in found.unpaired],
        "criteria": [{"name": name, "judged": [vars(one) if one else None for one in judged]}
                     for name, judged in found.criteria],
        "differences": {name: {row.key: list(row.values) for row in rows} for name, rows in differences(found).items()},
        "files": [one if isinstance(one, str) else [vars(file) for file in one] for one in found.files],
        "same_keys": found.same_keys,
        "reliability": [row.to_json() for row in found.reliability],
        "notes": list(dict.fromkeys(found.notes)),
    }  # fmt: skip


def _run(place: int, one: Side) -> dict[str, Any]:
    return {
        "sign": sign(place), "id": one.run.id, "stage": one.stage, "job": one.run.job,
        "title": one.status.title, "state": one.status.state,
        "tags": list(one.labels.tags), "note": one.labels.note, "faults": list(one.faults),
    }  # fmt: skip


def _metric(row: MetricRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "values": [finite(value) for value in row.values],
        "differences": [finite(value) for value in row.differences],
        "paired": [None if one is None else {**vars(one), "difference": one.difference} for one in row.paired],
    }
