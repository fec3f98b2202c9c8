"""What a recording costs while a log is busy, how large it becomes, and how quick a replay is at another time."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from engine import launch
from engine.events import Metric, Phase, Progress, to_line
from engine.init import make
from engine.run import listing, request_stop
from engine.status import Status
from engine.workspace import Workspace
from tui.app import FootplateApp
from tui.entries import Entry
from tui.opening import taped
from tui.options import Options
from tui.replayed import ReplayApp, opened
from tui.services.recording.codec import plain
from tui.services.recording.patch import difference
from tui.services.recording.tape import MARK
from tui.still import settled

SIZE = (120, 30)
LINES_PER_STEP = 100  # ten steps a second: 1,000 lines
RUNS, LENGTH_S = 30, 600


def main(quick: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FOOTPLATE_SLOTS"] = f"{folder}/slots"
        cost = asyncio.run(_cost(Path(folder), 10 if quick else 30))
        file = Path(folder) / "long.jsonl"
        _write_long(file)
        return {"busy_log": cost, "ten_minutes": {**_sizes(file), **asyncio.run(_seeks(file, 8 if quick else 40))}}


# --- cost -----------------------------------------------------------------------------------------------------------


async def _cost(folder: Path, seconds: float) -> dict[str, float]:
    """The share of one core that the screens take over a log of 1,000 lines a second, without and with a tape."""
    workspace = make(folder / "lab")
    asked = ("steps=100000", "seconds_per_step=0.1", f"log_lines_per_step={LINES_PER_STEP}", "noise=0.2")
    run = launch.submit(workspace, "toy", "", "a benchmark", asked)
    file = folder / "busy.jsonl"
    try:
        alone = await _share(FootplateApp(workspace.root, run.id), seconds)
        recorded = await _share(taped(workspace.root, run.id, Options(record=str(file))), seconds)
    finally:
        _stop(workspace)
    return {
        "percent_of_a_core_alone": 100 * alone,
        "percent_of_a_core_recorded": 100 * recorded,
        "recording_percent": 100 * (recorded - alone),
        "kib_per_second": file.stat().st_size / seconds / 1024,
    }


async def _share(app: FootplateApp, seconds: float) -> float:
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(2.0)
        await pilot.press("l")
        await pilot.pause(1.0)
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.sleep(seconds)
        return (time.process_time() - cpu) / (time.perf_counter() - began)


def _stop(workspace: Workspace) -> None:
    for run in listing(workspace):
        request_stop(run, now=True)
        while run.status().active:
            time.sleep(0.05)


# --- seeking --------------------------------------------------------------------------------------------------------


def _write_long(file: Path) -> None:
    """Ten minutes as a tape would have kept them: 30 runs, one of them followed at 10 steps and 50 lines a second."""
    ids = [f"20260203-1015{n:02d}-toy-3f9c" for n in range(RUNS)]
    entries = {name: Entry(name, "toy", 1.77e9, Status(state="running", title=name, total=6000)) for name in ids}
    known, random, last = {name: plain(entry) for name, entry in entries.items()}, Random(1), ids[-1]
    lines: list[dict[str, Any]] = [{MARK: 1, "at": 1.77e9, "size": [*SIZE]}, {"t": 0, "kind": "runs", "all": known}]
    lines.append({"t": 0, "kind": "where", "changed": {"place": "run", "run": last, "compared": [], "kept": {},
                  "views": {"panes": {"current": "look"}}, "focus": "", "full": False, "over": ""}})  # fmt: skip
    lines.append({"t": 0, "kind": "status", "run": last, "all": known[last]["status"]})
    for second in range(LENGTH_S):
        changed = {name: difference(known[name], new) for name, new in _later(entries, ids, second).items()}
        lines.append({"t": second + 0.5, "kind": "runs", "changed": changed})
        for tenth in range(0, 10, 5):
            at, said = second + tenth / 10, _said(second * 10 + tenth, random)
            lines.append({"t": at, "kind": "events", "run": last, "lines": said})
            text = "".join(f"step {second}.{tenth}.{n}: loss = {random.random():.6f}\n" for n in range(25))
            lines.append({"t": at, "kind": "log", "run": last, "text": text})
    file.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))


def _later(entries: dict[str, Entry], ids: list[str], second: int) -> dict[str, Any]:
    """The five runs that moved in this second."""
    moved = [ids[(5 * second + n) % RUNS] for n in range(5)]
    return {name: plain(replace(entries[name], status=replace(entries[name].status, done=10 * second)))
            for name in moved}  # fmt: skip


def _said(step: int, random: Random) -> str:
    events = [Phase("learn")] if step == 0 else []
    for n in range(step, step + 5):
        events += [
            Progress(n, 6000, "steps"),
            *(Metric(name, random.random(), n) for name in ("loss", "lr", "gradient")),
        ]
    return b"".join(map(to_line, events)).decode().rstrip("\n")


def _sizes(file: Path) -> dict[str, float]:
    data = file.read_bytes()
    return {"mib": len(data) / 2**20, "packed_mib": len(gzip.compress(data, 6)) / 2**20}


async def _seeks(file: Path, times: int) -> dict[str, float]:
    began = time.perf_counter()
    app = opened(Options(replay=str(file)), playing=False)
    loaded, random = time.perf_counter() - began, Random(2)
    async with app.run_test(size=SIZE):
        await settled(app)
        found = sorted([await _seek(app, random.uniform(0, LENGTH_S)) for _ in range(times)])
    return {"load_s": loaded, "seek_median_ms": statistics.median(found), "seek_p95_ms": found[int(len(found) * 0.95)]}


async def _seek(app: ReplayApp, to: float) -> float:
    """Milliseconds until all of that time is told and painted."""
    began = time.perf_counter()
    app.clock.seek(to)
    app.tick()
    while not app.arrived or _unpainted(app):
        await asyncio.sleep(0.001)
    return (time.perf_counter() - began) * 1000


def _unpainted(app: ReplayApp) -> bool:
    screen = app.screen
    return bool(app._message_queue.qsize() or screen._message_queue.qsize() or screen._dirty_widgets)
