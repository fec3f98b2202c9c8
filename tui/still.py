"""`footplate replay`: one moment of a recording, drawn without a terminal, as text or as a picture."""

from __future__ import annotations

import argparse
import asyncio
import io
import re
import sys
import time
from pathlib import Path

from rich.console import Console

from engine.errors import AskError, FootplateError
from engine.files import write_atomic
from engine.settings import THEMES
from tui.app import FootplateApp
from tui.options import Options
from tui.replayed import ReplayApp, opened
from tui.services.recording.reader import read

PATIENCE_S = 20.0
QUIET, EACH_S = 10, 0.03  # so many looks without a change: longer than any screen waits before it shows what is new
ABOUT = "One moment of a recording as it was on the screen; footplate --replay FILE plays it."


def main(words: list[str]) -> int:
    """The verb; its exit code."""
    asked = parser().parse_args(words)
    try:
        print(_answer(asked), end="")
    except FootplateError as error:
        print(f"footplate: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser("footplate replay", description=ABOUT, allow_abbrev=False)
    made.add_argument("file", metavar="FILE", help="what footplate --record FILE has kept")
    made.add_argument("--at", metavar="SECONDS", type=float, help="the moment; else the end")
    made.add_argument("--size", metavar="80x24", default="", help="columns and lines; else those of the recording")
    made.add_argument("--svg", action="store_true", help="a picture in place of text")
    made.add_argument("--text", action="store_true", help="text, which is what comes without --svg")
    made.add_argument("--out", metavar="FILE", type=Path, help="write it there")
    made.add_argument("--theme", choices=THEMES, default="", help="which colours")
    return made


def _answer(asked: argparse.Namespace) -> str:
    recording = read(asked.file)
    for trouble in recording.troubles:
        print(f"footplate: {trouble}", file=sys.stderr)
    at = recording.length_s if asked.at is None else asked.at
    size = _size(asked.size) if asked.size else tuple(recording.header.get("size", (80, 24)))
    drawn = asyncio.run(_draw(Options(replay=asked.file, theme=asked.theme), at, (size[0], size[1]), asked.svg))
    if asked.out is None:
        return drawn
    write_atomic(asked.out, drawn)
    return ""


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{2,3})[x×](\d{2,3})", text)
    if not found:
        raise AskError(f"--size {text}: expected columns and lines", hint="--size 80x24")
    return int(found[1]), int(found[2])


async def _draw(options: Options, at: float, size: tuple[int, int], svg: bool) -> str:
    app = opened(options, at=at, playing=False)
    async with app.run_test(size=size):
        await settled(app)
        return app.export_screenshot() if svg else text(app)


async def settled(app: ReplayApp) -> None:
    """Wait until all that was told by now has been shown.

    Raises:
        FootplateError: that takes too long.
    """
    end, quiet, before = time.monotonic() + PATIENCE_S, 0, ""
    while quiet < QUIET:
        if time.monotonic() > end:
            raise FootplateError("the screens did not come to rest", hint="another --at may do")
        await asyncio.sleep(EACH_S)
        app.tick()
        now = text(app)
        busy = not app.arrived or any(worker.is_running for worker in app.workers) or now != before
        quiet, before = 0 if busy else quiet + 1, now


def text(app: FootplateApp) -> str:
    """The whole screen as text, with what stands over it."""
    width, height = app.size
    console = Console(width=width, height=height, file=io.StringIO(), record=True, legacy_windows=False)
    console.print(app.screen._compositor.render_update(full=True, screen_stack=app._background_screens))
    return "\n".join(line.rstrip() for line in console.export_text().splitlines()) + "\n"
