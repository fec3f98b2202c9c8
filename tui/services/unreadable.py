"""Frames that could not be shown to a coder: a table in the cache, for whoever runs the study."""

from __future__ import annotations

import csv
import time

from engine.annotations.decision import Unit
from engine.workspace import Workspace

COLUMNS = ("video_id", "frame_index", "at", "why")


def note(workspace: Workspace, unit: Unit, why: str) -> None:
    """Append a frame; at is in UTC."""
    path = workspace.cache / "unreadable.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("a", newline="", encoding="utf-8", errors="surrogateescape") as file:
        writer = csv.writer(file)
        if not file.tell():
            writer.writerow(COLUMNS)
        writer.writerow([*unit, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), why])
