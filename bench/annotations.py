"""The log of decisions as it grows: look-ups, one label saved for good, and a table of as many labels as the peer.

The peer is what annotation scripts do: a CSV that is read whole to know what a coder has done, and a line appended and
flushed to the disk for each label.
"""

from __future__ import annotations

import csv
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import numbers
from engine.annotations.decision import Decision, Unit
from engine.annotations.log import Log
from engine.annotations.past import past
from engine.annotations.queue import Study, plan
from engine.annotations.table import export_csv

VARIABLES = ("perspective", "distance")
CODERS = ("ana", "ben", "cem", "dora", "eva")
FRAMES_PER_VIDEO = 10


def main(quick: bool) -> dict[str, Any]:
    """Of 10,000, 100,000 and 1,000,000 decisions; with `quick` of the first two."""
    sizes = (10_000, 100_000) if quick else (10_000, 100_000, 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        return {f"decisions_{size}": _of(Path(folder) / f"{size}.sqlite", size) for size in sizes}


def _of(path: Path, size: int) -> dict[str, Any]:
    with Log.open(path) as log:
        _fill(log, size)
    with Log.open(path) as log, Log.open(path) as other:
        units = sorted({unit for coder in CODERS for unit in log.seen(coder)})
        chance = random.Random(size)
        found = {
            "log_mib": path.stat().st_size / 2**20,
            "one_frame_of_a_coder_ms": _timed(lambda: log.newest(coder="ana", unit=chance.choice(units)), 200),
            "all_that_a_coder_has_done_at_first_ms": _first(path),
            "all_that_a_coder_has_done_ms": _kept(log, other),
            "version_ms": _timed(log.version, 200),
            "label_saved_ms": _timed(lambda: other.add([_said("ana", chance.choice(units))]), 50),
            "undo_ms": _timed(lambda: other.undo("ana", 2e9), 50),
        }
        if size <= 100_000:
            found |= _whole(log, path, units)
    return found


def _fill(log: Log, size: int) -> None:
    each = size // len(CODERS) // len(VARIABLES)
    for coder in CODERS:
        log.merge([
            Decision(coder, _unit(n), variable, "abc"[n % 3], 1e9 + n, key=f"{coder}{n}{variable}", act=f"{coder}{n}")
            for n in range(each)
            for variable in VARIABLES
        ])  # fmt: skip


def _unit(n: int) -> Unit:
    return Unit(f"video_{n // FRAMES_PER_VIDEO:06d}", n % FRAMES_PER_VIDEO * 30)


def _said(coder: str, unit: Unit) -> Decision:
    return Decision(coder, unit, VARIABLES[0], "a", time.time())


def _timed(do: Callable[[], object], times: int) -> dict[str, Any]:
    return numbers.told([_ms(do) for _ in range(times)])


def _ms(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def _first(path: Path) -> dict[str, Any]:
    """In a log that was just opened."""

    def samples() -> Iterator[float]:
        for _ in range(15):
            with Log.open(path) as log:
                yield _ms(lambda: log.seen("ana"))

    return numbers.told(list(samples()))


def _kept(log: Log, other: Log) -> dict[str, Any]:
    """In a log that is open, each time after a label that came by another connection."""

    def samples() -> Iterator[float]:
        log.seen("ana")
        for n in range(50):
            other.add([_said("ana", Unit("new", n))])
            yield _ms(lambda: log.seen("ana"))

    return numbers.told(list(samples()))


def _whole(log: Log, path: Path, units: list[Unit]) -> dict[str, Any]:
    """What is asked once, at the start of a screen or of a job; beside the peer's way to know what a coder has done."""
    study, table = Study("salt", CODERS, 60), path.with_suffix(".csv")
    export_csv(table, log, VARIABLES)

    def queued() -> object:
        return plan("ana", study, units, past(log, "ana", VARIABLES))

    return {
        "queue_of_a_coder_ms": _timed(queued, 5),
        "frames": len(units),
        "everything_that_stands_ms": _timed(log.newest, 5),
        "peer.csv_read_to_know_what_a_coder_has_done_ms": _timed(lambda: _read(table, "ana"), 15),
        "peer.csv_line_appended_and_flushed_ms": _timed(lambda: _append(table), 50),
    }


def _read(table: Path, coder: str) -> set[Unit]:
    with table.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {Unit(row["video_id"], int(row["frame_index"])) for row in rows if row["annotator"] == coder}


def _append(table: Path) -> None:
    with table.open("a", encoding="utf-8") as file:
        file.write("ana,video_000001,30,a,a,,,\n")
        file.flush()
        os.fsync(file.fileno())
