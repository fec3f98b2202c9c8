"""A small study on real videos: what coders label in tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.annotations.decision import Decision
from engine.annotations.log import Log
from engine.workspace import Workspace
from tests.engine.vision import small

SECRET = "kitchen"  # begins the name of every video
YAML = """name: study
coders: [{coders}]
salt: "2026"
overlap: {overlap}
variables:
{variables}"""
TWO = {"perspective": ("first", "second", "third", "other"), "distance": ("personal", "social", "public", "other")}


def study(
    workspace: Workspace, variables: dict[str, Sequence[str]] | None = None, *, videos: int = 8, frames: int = 5,
    coders: Sequence[str] = ("ana", "ben"), overlap: int = 1000,
) -> Workspace:  # fmt: skip
    """Videos of frames of one grey each, all of which are to be labelled by everybody."""
    said = "".join(f"  {name}:\n    labels: [{', '.join(labels)}]\n" for name, labels in (variables or TWO).items())
    workspace.file.write_text(YAML.format(coders=", ".join(coders), overlap=overlap, variables=said))
    lines = ["video_id,frame_index"]
    for number in range(videos):
        name = f"{SECRET}{number:02}"
        video(workspace.root / "videos" / f"{name}.mp4", number, frames)
        lines += [f"{name},{index}" for index in range(frames)]
    workspace.frames.write_text("\n".join(lines) + "\n")
    return workspace


def level(number: int, index: int) -> int:
    """The grey of a frame, unlike that of every other one."""
    return 20 + number * 13 + index * 4


def video(path: Path, number: int, frames: int) -> Path:
    path.parent.mkdir(exist_ok=True)
    return small.video(path, [np.full((72, 128, 3), level(number, index), np.uint8) for index in range(frames)])


def labels(workspace: Workspace, coder: str = "ana") -> list[Decision]:
    """What stands in the log."""
    with Log.open(workspace.labels, readonly=True) as log:
        return log.newest(coder=coder, kinds=("code", "repeat"))
