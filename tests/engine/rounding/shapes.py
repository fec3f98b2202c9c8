"""A small study that is real: videos of coloured shapes, coders who label them in the log, and the job on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine import events, rounds, tables
from engine.annotations.decision import Decision, Unit
from engine.annotations.log import Log
from engine.config import parse
from engine.files import read_json, sha256
from engine.jobs import round as rounding
from engine.record import Recorder
from engine.run import Run, create
from engine.specs.round import Round
from engine.vision.decode import Frame
from engine.workspace import Workspace
from tests.engine.vision.small import video

KINDS = ("disc", "square", "bars")
STUDY = """
name: shapes
coders: [ana, ben]
salt: shapes
variables:
  kind: {labels: [disc, square, bars, odd], classes: {odd: null}}
  light: {level: ordinal, labels: [dark, bright]}
"""
SPEC = """
model: {name: test_resnet}
preprocess: {size: 64, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25]}
train: {lr: 3.0e-3, epochs: 3, batch: 16, step_epochs: 2, augment: {rotate_degrees: 0, colour_jitter: 0}}
sets: {stop: 10}
query: {frames: 8, random: 0.25, per_video: 2, typical_below: 0}
near_bits: 2
replicates: 200
"""
FRAMES = 12
SIZE = 64


def kind(video_id: str, index: int) -> str:
    """What is seen in a frame."""
    return KINDS[(int(video_id[1:]) + index) % 3]


def light(video_id: str, index: int) -> str:
    """How light a frame is."""
    return "bright" if (int(video_id[1:]) + index // 3) % 2 else "dark"


def picture(video_id: str, index: int) -> Frame:
    """A shape somewhere on a ground whose colour is the video's, no two alike."""
    random = np.random.default_rng([int(video_id[1:]), index])
    ground = np.random.default_rng(int(video_id[1:])).integers(20, 60, 3)
    base = ground + (110 if light(video_id, index) == "bright" else 0)
    frame = np.tile(base, (SIZE, SIZE, 1)).astype(np.int64)
    y, x = np.mgrid[:SIZE, :SIZE]
    (a, b), r = random.integers(20, 44, 2), int(random.integers(10, 18))
    inside = {
        "disc": (y - a) ** 2 + (x - b) ** 2 < r * r,
        "square": (abs(y - a) < r) & (abs(x - b) < r),
        "bars": (abs(y - a) < r) & ((x // 4) % 2 == 0),
    }[kind(video_id, index)]
    frame[inside] = base + random.integers(40, 90, 3)
    return np.clip(frame + random.integers(-6, 7, frame.shape), 0, 255).astype(np.uint8)


def videos(folder: Path, count: int) -> list[str]:
    """Videos of half a minute or less, two frames a second... of each a frame in 500 ms."""
    folder.mkdir(exist_ok=True)
    names = [f"v{n}" for n in range(count)]
    for name in names:
        pictures = [picture(name, index) for index in range(FRAMES)]
        video(folder / f"{name}.mp4", pictures, [500 * n for n in range(FRAMES)])
    return names


def listed(workspace: Workspace, names: Iterable[str], scenes: dict[str, str] | None = None) -> None:
    """frames.csv with every frame of these videos."""
    with tables.writer(workspace.frames, ["video_id", "frame_index", "scene"]) as table:
        for name in names:
            for index in range(FRAMES):
                table.write(name, index, (scenes or {}).get(name, ""))


def label(workspace: Workspace, units: Iterable[Unit], coder: str = "ana", at: float = 1e9, **values: str) -> None:
    """Have a coder label frames as they are, or all with the same values."""
    found = []
    for unit in units:
        told = values or {"kind": kind(*unit), "light": light(*unit)}
        found += [Decision(coder, unit, variable, value, at) for variable, value in told.items()]
    with Log.open(workspace.labels) as log:
        log.add(found)


def study(workspace: Workspace, count: int = 8, labelled: Sequence[int] = (0, 2, 4, 6, 8)) -> Workspace:
    """Videos, frames.csv, and labels for some frames of each."""
    workspace.file.write_text(STUDY)
    names = videos(workspace.root / "videos", count)
    listed(workspace, names)
    label(workspace, [Unit(name, index) for name in names for index in labelled])
    return workspace


@dataclass(frozen=True)
class Done:
    """A round that was done in this process."""

    workspace: Workspace
    run: Run

    @property
    def round(self) -> rounds.Round:
        (found,) = [one for one in rounds.read(self.workspace) if one.run == self.run.id]
        return found

    @property
    def metrics(self) -> dict[str, Any]:
        return read_json(self.round.folder / "metrics.json")

    def table(self, name: str) -> list[dict[str, str]]:
        return tables.read(self.round.folder / name)

    def said(self, kind: type[events.Event]) -> list[Any]:
        return [event for event in events.read(self.run.events)[0] if isinstance(event, kind)]


def do(workspace: Workspace, *overrides: str, run: Run | None = None) -> Done:
    """The job, in this process."""
    spec = parse(Round, SPEC, "spec.yaml", overrides)
    run = run or create(workspace, "round", SPEC, record={})
    out = Recorder(workspace, run, attempt=1, device="cpu")
    try:
        rounding.run(spec, out)
        out.conclude()
    finally:
        out.close()
    return Done(workspace, run)


NOW = 1.1e9


def units(rows: Iterable[dict[str, str]]) -> list[Unit]:
    """The frames of a table."""
    return [Unit(row["video_id"], int(row["frame_index"])) for row in rows]


def answered(done: Done, **values: str) -> list[Unit]:
    """Have the queue labelled; what was asked."""
    asked = units(done.table("queue.csv"))
    label(done.workspace, asked, at=NOW, **values)
    return asked


def hashes(folder: Path) -> dict[str, str]:
    """Of all files of a round but its record, which has a clock."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != "round.json")
    return {str(path.relative_to(folder)): sha256(path) for path in found}


def copied(source: Workspace, root: Path) -> Workspace:
    """A workspace's videos, labels and rounds, but none of its runs."""
    shutil.copytree(source.root, root, ignore=shutil.ignore_patterns("runs"))
    return Workspace(root)


def forget(workspace: Workspace) -> None:
    """As if there had been no round."""
    shutil.rmtree(workspace.rounds)
    workspace.queue.unlink()
