"""`python -m tests.recordings.machines`: record Machines pane by pane, and draw its scenes again.

The machines are values that a small desk answers with; which moments they bear is that of the recording.
"""

from __future__ import annotations

import asyncio
import gzip
import math
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from engine import demolab
from engine.init import make
from engine.workspace import Workspace
from tests.recordings.make import scrubbed
from tests.tui import rented
from tests.tui.helpers import sees
from tests.tui.rented import SmallDesk, machine
from tests.tui.scenes import SIZES, Scene, alike, take_environment
from tui.opening import taped
from tui.options import Options
from tui.replayed import ReplayApp, opened
from tui.services import machines as services
from tui.still import settled, text
from vmops.watched import Watched

TARGET = Path(__file__).parent / "machines.jsonl.gz"
GOLDEN = Path(__file__).parent.parent / "tui" / "snapshots" / "machines"
SIZE = (120, 36)
SCENES = (
    Scene("machines", ("9",)),
    Scene("machines-stopped", ("j",)),
    Scene("machines-preempted", ("j",)),
    Scene("machines-asked", ("j",)),
    Scene("machines-host", ("j",)),
    Scene("machines-acts", ("g", "tab", "tab")),
    Scene("machines-orphans", ("tab",)),
    Scene("machines-costs", ("tab",)),
)


def desk() -> SmallDesk:
    """Machines in each state that lasts, and what the watchdog of the first one sees."""
    now = time.time()
    made = SmallDesk(
        machine("gpu-1", wanted="running"),
        machine("gpu-2", "stopped", started_at=now - 9000, stopped_at=now - 5400, address=""),
        machine("gpu-3", "stopped", preempted=True, wanted="running", stopped_at=now - 60, address=""),
        machine(
            "gpu-4",
            "asked",
            zone="us-central1-b",
            wanted="running",
            problem="none left in us-central1-a",
            id="",
            address="",
            created_at=0.0,
            started_at=None,
        ),
    )
    made.guards["gpu-1"] = Watched(now, idle_since=now - 90, stops_at=now + 1710, ends_at=now + 80000)
    return made


async def record(root: Path, target: Path) -> None:
    """Look at everything once."""
    rented.write(Workspace(make(root, name=demolab.NAME).root), hosts={"lab-box": {"address": "lab.example"}},
                 endpoint="http://127.0.0.1:9", project="footplate-loopback")  # fmt: skip
    services.Desk = lambda *_given: told  # type: ignore[assignment,misc]
    told = desk()
    app = taped(root, None, Options(record=str(target)), demolab.NAME)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("9")
        await sees(pilot, "gpu-1", "watchdog idle since")
        for _machine in told.there:
            await pilot.press("j")
            await pilot.pause()
        await look_through_panes(pilot)


async def look_through_panes(pilot: Pilot[Any]) -> None:
    """What was done, what is forgotten, what all of it costs."""
    for words in ("no run moves", "nobody has asked", "old-disk", "This month"):
        await pilot.press("tab")
        await sees(pilot, words)


async def drawn(size: tuple[int, int]) -> AsyncIterator[tuple[Scene, ReplayApp, str]]:
    """Each scene with the app that shows it, and its text."""
    app = opened(Options(replay=str(TARGET), theme="dark"), at=math.inf, playing=False)
    app.alone = True
    async with app.run_test(size=size) as pilot:
        await settled(app)
        for scene in SCENES:
            for key in scene.keys:
                await pilot.press(key)
            await settled(app)
            yield scene, app, text(app)


async def renew() -> None:
    """Draw all scenes again."""
    GOLDEN.mkdir(exist_ok=True)
    for name, size in SIZES.items():
        async for scene, _app, said in drawn(size):
            (GOLDEN / f"{scene.name}-{name}.txt").write_text(said, encoding="utf-8")


def main() -> int:
    """Make the recording, and what the tests hold against it."""
    with tempfile.TemporaryDirectory() as folder:
        root, raw = Path(folder).resolve() / "lab", Path(folder) / "raw.jsonl"
        take_environment(alike(Path(folder)))
        os.environ.update(demolab.environment(root))
        if "--renew" not in sys.argv:
            asyncio.run(record(root, raw))
            TARGET.write_bytes(gzip.compress(scrubbed(raw.read_text(), root).encode(), mtime=0))
        asyncio.run(renew())
    return 0


if __name__ == "__main__":
    sys.exit(main())
