"""Run by a peer's own Python: how long a ready widget takes to swap a picture at 120×40, as a line of JSON.

`python pixel_peers.py KIND ROUNDS`; what is timed is what is timed of ours: from new pixels to what is written.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import Any

from PIL import Image
from rich.color import ColorSystem
from textual.app import App, ComposeResult
from textual.widget import Widget

SIZE = (120, 40)


def _textual_image(_picture: Image.Image) -> tuple[Widget, Any]:
    from textual_image.widget import HalfcellImage

    widget = HalfcellImage(id="it")

    def show(picture: Image.Image) -> None:
        widget.image = picture

    return widget, show


def _rich_pixels(_picture: Image.Image) -> tuple[Widget, Any]:
    from rich_pixels import Pixels
    from textual.widgets import Static

    widget = Static(id="it")
    return widget, lambda picture: widget.update(Pixels.from_image(picture))


KINDS = {"textual-image": _textual_image, "rich-pixels": _rich_pixels}


class Stage(App[None]):
    CSS = "#it { width: 120; height: 40; }"

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget

    def compose(self) -> ComposeResult:
        yield self._widget


async def swaps(kind: str, rounds: int) -> list[float]:
    width, height = SIZE[0], SIZE[1] * 2
    pictures = [Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)) for _ in range(rounds)]
    widget, show = KINDS[kind](pictures[0])
    app, took = Stage(widget), []
    async with app.run_test(size=SIZE) as pilot:
        app.console._color_system = ColorSystem.TRUECOLOR
        for picture in pictures:
            await pilot.pause()
            began = time.perf_counter()
            show(picture)
            app.screen._compositor.update_widgets({widget})
            update = app.screen._compositor.render_update(screen_stack=app.screen_stack)
            written = update.render_segments(app.console)
            took.append((time.perf_counter() - began) * 1000)
            assert written.count("▀") + written.count("▄") > 4000, written[:300]
    return took[1:]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(swaps(sys.argv[1], int(sys.argv[2])))))
