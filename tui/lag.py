"""How late the loop of events is. For benchmarks: written down where the variable FOOTPLATE_LAG names a file."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

EVERY_S = 0.01
_tasks: set[asyncio.Task[None]] = set()  # the loop itself would forget them


def watch(path: str) -> None:
    """From now on, write a line a moment: the time, and by how many milliseconds the loop was late then."""
    _tasks.add(asyncio.get_running_loop().create_task(_write(Path(path))))


async def _write(path: Path) -> None:
    with path.open("w", buffering=1) as file:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(EVERY_S)
            late_ms = (time.perf_counter() - began - EVERY_S) * 1e3
            file.write(f"{time.time():.3f} {late_ms:.3f}\n")
