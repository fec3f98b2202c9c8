"""`python -m tests.recordings.make`: record the demo lab while somebody looks at every screen, and scrub the file."""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from engine import demolab
from engine.init import make
from engine.workspace import Workspace
from tests.tui.helpers import sees
from tui.opening import taped
from tui.options import Options

HERE = Path(__file__).parent
TARGET = HERE / "demo.jsonl.gz"
SIZE = (120, 36)
MOMENT = 1_770_000_000  # when the files of the bucket were written
PANES = ("look", "log", "curves", "files", "spec", "about", "lineage")


class Player(threading.Thread):
    """The demo lab's first scenes, played beside the screens."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(daemon=True)
        self.stage = demolab.Stage(workspace)
        self._left = threading.Event()

    def run(self) -> None:
        demolab.play(self.stage, self._ticks())

    def leave(self) -> None:
        """Play no further, and stop what runs."""
        self._left.set()
        self.join()
        self.stage.close()

    def _ticks(self) -> Iterator[bool]:
        while True:
            yield self._left.wait(0.05)


async def record(root: Path, target: Path) -> None:
    """Look at everything once."""
    player = Player(make(root, name=demolab.NAME))
    fill_bucket(root)
    app = taped(root, None, Options(record=str(target)), demolab.NAME)
    try:
        async with app.run_test(size=SIZE) as pilot:
            player.start()
            await sees(pilot, "✗ failed", "○ pending", "on from lr 0.1", "a rough place")
            await look_around(pilot)
    finally:
        player.leave()


async def look_around(pilot: Pilot[Any]) -> None:
    """Every screen, and what has panes with all of them."""
    await pilot.press("2")
    await sees(pilot, "■ stopped", "too long a step")
    for title in ("a rough place", "too long a step", "on from lr 0.1"):
        await open_run(pilot, title)
        for _pane in PANES:
            await pilot.pause(0.5)
            await pilot.press("tab")
        await look_at_files(pilot)
    await open_launch(pilot)
    await compare(pilot, "sweep")
    await look_into_bucket(pilot)
    await pilot.press("1")
    await pilot.pause(1.0)


async def open_run(pilot: Pilot[Any], title: str) -> None:
    """The Run screen on a run, found by its name."""
    await pilot.press("2", "slash", "escape", "slash", *title, "enter")
    await sees(pilot, "1 of ")
    await pilot.press("enter")
    await sees(pilot, title, "look  log")


async def look_at_files(pilot: Pilot[Any]) -> None:
    """Each file of the run, once."""
    await pilot.press(*["tab"] * PANES.index("files"))
    for _file in range(4):
        await pilot.pause(0.4)
        await pilot.press("j")


async def open_launch(pilot: Pilot[Any]) -> None:
    """The form of the toy job."""
    await pilot.press("4")
    await sees(pilot, "toy")
    await pilot.press("G")
    await sees(pilot, "fits")


async def compare(pilot: Pilot[Any], words: str) -> None:
    """Runs with a tag, marked and side by side."""
    await pilot.press("2", "slash", "escape", "slash", *f"tag:{words} state:done", "enter", "space", "space", "c")
    await pilot.pause(2.0)


def fill_bucket(root: Path) -> None:
    """A folder as the bucket of the lab, with a few files of one moment."""
    settings, made = root / "workspace.yaml", {
        "notes.md": "Round 2\n\n- v0007 is upside down\n- ana labels the rest on Friday\n",
        "tables/predictions.csv": "video_id,frame_index,label,probability\n"
        + "".join(f"v{n:04},{10 * n},{'close' if n % 3 else 'far'},{0.5 + n % 17 / 40:.3f}\n" for n in range(120)),
        "tables/result.json": '{"accuracy": 0.83, "folds": [{"left_out": "kitchen", "fixed": 2, "broken": 0}]}\n',
    }  # fmt: skip
    settings.write_text(settings.read_text().replace("bucket: null", "bucket: shelf"))
    for name, text in made.items():
        path = root / "shelf" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (MOMENT, MOMENT))


async def look_into_bucket(pilot: Pilot[Any]) -> None:
    """The bucket: a text, a table, a document."""
    await pilot.press("0")
    await sees(pilot, "tables/", "notes.md")
    await pilot.press("G")
    await sees(pilot, "upside down")
    await pilot.press("g", "enter")
    await sees(pilot, "120 rows")
    await pilot.press("j")
    await sees(pilot, "2 keys")


# --- what nobody need know ------------------------------------------------------------------------------------------

PACKAGES = 4  # of the list of installed packages
LINES = (
    (r"(user: )[^\\]+", r"\1ada"), (r"(host: )[^\\]+", r"\1lab"), (r'("host":)"[^"]+"', r'\1"lab"'),
    (r'("boot_id":)"[^"]+"', r'\1"0"'), (r"(platform: )[^\\]+", r"\1Linux"), (r"(processor: )[^\\]+", r"\1a processor"),
    (r"(memory: )[^\\]+", r"\g<1>16.0 GiB"), (r"(commit: |sha256: )[0-9a-f]+", r"\g<1>0000"),
    (rf"((?:packages:)(?:\\n  [^\\]+){{{PACKAGES}}})(?:\\n  [^\\]+)*", r"\1"),
)  # fmt: skip


def scrubbed(text: str, root: Path) -> str:
    """Without names of this machine, of its folders and of who works at it."""
    here = Path(__file__).resolve().parent.parent.parent
    for name in (sys.prefix, sys.base_prefix):
        text = text.replace(name, "/python")
    for place, public in ((root, "/lab"), (here, "/footplate"), (Path.home(), "/home")):
        text = text.replace(str(place), public)
    for pattern, words in LINES:
        text = re.sub(pattern, words, text)
    return text


def main() -> int:
    """Make the recording that the tests draw from."""
    with tempfile.TemporaryDirectory() as folder:
        root, raw = Path(folder).resolve() / "lab", Path(folder) / "raw.jsonl"
        os.environ.update(demolab.environment(root), TZ="UTC", XDG_CONFIG_HOME=folder, XDG_STATE_HOME=folder)
        time.tzset()
        asyncio.run(record(root, raw))
        TARGET.write_bytes(gzip.compress(scrubbed(raw.read_text(), root).encode(), mtime=0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
