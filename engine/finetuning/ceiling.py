"""How far coders agree on the frames that judge a model: its ceiling."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from engine import tables
from engine.annotations.given import Values, given
from engine.annotations.log import Log
from engine.record import Recorder
from engine.stats import agreement
from engine.vision import gold
from engine.vision.gold import Gold
from engine.vision.plan import Plan


def coders(out: Recorder, table: Gold, plan: Plan) -> list[dict[str, Any]]:
    """The agreement of each pair of coders on these frames: by the log of labels, else by annotations.csv, or none."""
    class_of = out.workspace.settings.variables[plan.variable].class_of
    keys = [table.keys[row] for row in plan.rows]
    labels = gold.by_coder(_rows(out, plan.variable), plan.variable, keys, plan.classes, class_of)
    return [asdict(pair) for pair in agreement.pairs(labels, len(plan.classes))]


def _rows(out: Recorder, variable: str) -> list[dict[str, str]]:
    workspace = out.workspace
    if workspace.labels.exists():
        with Log.open(workspace.labels, readonly=True) as log:
            return _as_rows(given(log.newest()).get(variable, {}), variable)
    return tables.read(workspace.annotations, ["annotator", *gold.KEY]) if workspace.annotations.exists() else []


def _as_rows(values: Values, variable: str) -> list[dict[str, str]]:
    return [
        {"annotator": coder, "video_id": unit.video_id, "frame_index": str(unit.frame_index), variable: value}
        for unit, named in values.items()
        for coder, value in named.items()
    ]
