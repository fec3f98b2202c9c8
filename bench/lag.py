"""How late a loop of events is while something else goes on in it."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType

EVERY_S = 0.005


class Lag:
    """`async with Lag() as lag`: then `lag.late_ms` has a sample for each moment in which the loop came to it."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Lag:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()

    async def _watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(EVERY_S)
            self.late_ms.append((time.perf_counter() - began - EVERY_S) * 1e3)
