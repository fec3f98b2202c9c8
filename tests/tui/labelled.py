"""A small study on real videos: what coders label in tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from textual import events

from engine.annotations.decision import Decision
from engine.annotations.log import Log
from engine.workspace import Workspace
from tests.engine.vision import small
from tui.alone import AloneApp
from tui.app import FootplateApp
from tui.keymap import named
from tui.options import Options

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
    return 10 + 6 * (number * 5 + index) % 240


def video(path: Path, number: int, frames: int) -> Path:
    path.parent.mkdir(exist_ok=True)
    return small.video(path, [np.full((72, 128, 3), level(number, index), np.uint8) for index in range(frames)])


def labels(workspace: Workspace, coder: str = "ana") -> list[Decision]:
    """What stands in the log."""
    with Log.open(workspace.labels, readonly=True) as log:
        return log.newest(coder=coder, kinds=("code", "repeat"))


def alone(workspace: Workspace, coder: str = "ana", *, read_only: bool = False) -> AloneApp:
    """The screen for one coder."""
    return AloneApp(workspace.root, None, Options(coder=coder, read_only=read_only))


def typed(app: FootplateApp, *keys: str) -> None:
    """All at once, as a slow line delivers them."""
    for key in keys:
        app.post_message(events.Key(named(key), key if len(key) == 1 else None))
