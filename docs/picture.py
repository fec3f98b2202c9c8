"""Draws the README's picture: the Run screen on a run. `python docs/picture.py WORKSPACE RUN` renews `docs/run.svg`."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from tui.app import FootplateApp
from tui.options import Options

TARGET = Path(__file__).with_name("run.svg")


async def draw(workspace: Path, run_id: str) -> None:
    """Open the run as an operator would, and save what stands on the screen."""
    app = FootplateApp(workspace.resolve(), run_id, Options(theme="dark", fresh=True))
    async with app.run_test(size=(132, 36)) as pilot:
        while not app.lab.entries:
            await pilot.pause(0.05)
        await pilot.pause(1.0)
        # Without the fonts that it would load from somewhere: the reader's own will do.
        TARGET.write_text(re.sub(r"@font-face\s*{[^}]*}", "", app.export_screenshot()), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1]), sys.argv[2]))
