"""Every screen as a recording shows it: which keys lead there, one after another, in one replay."""

from __future__ import annotations

import math
import os
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tui.actions import BY_ID, RUNS
from tui.options import Options
from tui.replayed import ReplayApp, opened
from tui.still import settled, text

RECORDING = Path(__file__).parent.parent / "recordings" / "demo.jsonl.gz"
SIZES = {"80x24": (80, 24), "120x30": (120, 30), "160x48": (160, 48)}


@dataclass(frozen=True)
class Scene:
    """A place, the keys that lead to it, and those that lead out of a dialog again."""

    name: str
    keys: tuple[str, ...] = ()
    out: tuple[str, ...] = ()
    run: str = ""  # the run that is opened before, by its name
    pane: str = ""
    compared: tuple[str, ...] = ()  # the names of the runs that stand side by side
    asks: str = ""  # the action whose question is shown; a replay refuses to act, so that no key leads there


MOVING, FAILED, DONE = "a rough place", "too long a step", "on from lr 0.1"
SCENES = (
    Scene("overview", ("1",)),
    Scene("events", ("E",), ("escape",)),
    Scene("runs", ("2",)),
    Scene("runs-filter", ("slash", *"!too"), ("escape",)),
    Scene("look-moving", run=MOVING, pane="look"),
    Scene("log-colours", run=MOVING, pane="log"),
    Scene("log-search", ("slash", *"WARN", "enter"), ("escape",)),
    Scene("look-failed", run=FAILED, pane="look"),
    Scene("curves", run=FAILED, pane="curves"),
    Scene("files-json", run=DONE, pane="files"),
    Scene("files-table", ("j",)),
    Scene("files-picture", ("j",)),
    Scene("spec", run=DONE, pane="spec"),
    Scene("about", run=DONE, pane="about"),
    Scene("lineage", run=DONE, pane="lineage"),
    Scene("confirm", ("2",), ("n",), asks="stop"),
    Scene("launch", ("4",)),
    Scene("compare", ("5",), compared=("lr 0.1", "lr 0.01")),
    Scene("bucket", ("0", "G")),
    Scene("bucket-table", ("g", "enter")),
    Scene("bucket-tree", ("j",), ("escape",)),
    Scene("help", ("1", "question_mark"), ("q",)),
    Scene("palette", ("colon",), ("escape",)),
    Scene("command-log", ("@",), ("escape",)),
    Scene("seek", ("T",), ("escape",)),
)


def alike(folder: Path) -> Mapping[str, str]:
    """The environment in which screens look the same for everybody: no settings, one time zone, all colours."""
    return {"TZ": "UTC", "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder), "COLORTERM": "truecolor",
            "TERM": "xterm-256color", "COLORFGBG": ""}  # fmt: skip


def take_environment(values: Mapping[str, str]) -> None:
    """Live in it from now on."""
    os.environ.update(values)
    for name in ("NO_COLOR", "TMUX"):
        os.environ.pop(name, None)
    time.tzset()


async def drawn(size: tuple[int, int], theme: str = "dark") -> AsyncIterator[tuple[Scene, ReplayApp, str]]:
    """Each scene with the app that shows it, and its text."""
    app = opened(Options(replay=str(RECORDING), theme=theme), at=math.inf, playing=False)
    app.alone = True
    async with app.run_test(size=size) as pilot:
        await settled(app)
        for scene in SCENES:
            await go(pilot, app, scene)
            yield scene, app, text(app)
            await pilot.press(*scene.out)


async def go(pilot: Pilot[Any], app: ReplayApp, scene: Scene) -> None:
    """To a scene, until all of it is shown."""
    ids = {entry.name: entry.id for entry in app.lab.entries or ()}
    app.lab.compared[:] = [ids[name] for name in scene.compared] or app.lab.compared
    if scene.run:
        app.go(RUNS)
        await settled(app)
        app.open_run(ids[scene.run])
        await settled(app)
        app.place.show_pane(scene.pane)
    for key in scene.keys:
        if key == "question_mark":
            await settled(app)
        await pilot.press(key)
    if scene.asks:
        await settled(app)
        app.place._ask(BY_ID[scene.asks])
    await settled(app)
