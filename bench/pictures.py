"""Pictures: from pixels to what is written to the terminal, of noise and of something like a photograph."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from math import sin
from typing import Any

from rich.color import ColorSystem
from textual.app import App
from textual.widget import Widget

from bench import numbers
from tui.widgets.picture import Picture

SIZE = (120, 40)
SYSTEMS = {"": ColorSystem.TRUECOLOR, "_256": ColorSystem.EIGHT_BIT}


def noise(width: int, height: int) -> bytes:
    """Each pixel by chance."""
    return os.urandom(width * height * 3)


def photograph(width: int, height: int) -> bytes:
    """Shades that change slowly, with the grain of a camera."""
    places = ((x, y, colour) for y in range(height) for x in range(width) for colour in range(3))
    return bytes(int(128 + 55 * sin(x / 17 + 2 * n) + 45 * sin(y / 23 + n + x / 60) + random.uniform(-6, 6))
                 for x, y, n in places)  # fmt: skip


async def swaps(stage: Callable[[Widget], App[None]], rounds: int) -> dict[str, Any]:
    """By the clock and of the processor; and how many bytes a picture is."""
    picture = Picture(id="it")
    app, found = stage(picture), {}
    async with app.run_test(size=SIZE) as pilot:
        for kind in noise, photograph:
            for colours, system in SYSTEMS.items():
                app.console._color_system = system
                swapped = []
                for _ in range(rounds):
                    await pilot.pause()
                    swapped.append(_swap(app, picture, kind(SIZE[0], SIZE[1] * 2)))
                took, computed, written = zip(*swapped[1:], strict=True)
                found[f"{kind.__name__}{colours}"] = {
                    "swap_ms": numbers.told(took), "processor_ms": numbers.told(computed), "kib": max(written) / 1024,
                }  # fmt: skip
    return found


def _swap(app: App[None], picture: Picture, pixels: bytes) -> tuple[float, float, int]:
    began, computed = time.perf_counter(), time.thread_time()
    picture.show(pixels, SIZE[0])
    app.screen._compositor.update_widgets({picture})
    update = app.screen._compositor.render_update(screen_stack=app.screen_stack)
    assert update is not None
    text = update.render_segments(app.console)
    took, computed = time.perf_counter() - began, time.thread_time() - computed
    return took * 1000, computed * 1000, len(text.encode())
