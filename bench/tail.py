"""Following a log in a real tmux: 100,000 lines a second for ten seconds, and single lines, beside peers.

The writer is a process of its own, and every line carries the time of its writing. The age of the newest line on the
screen is looked at hundreds of times a second, so that its percentiles are those of any moment at which one looks.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil

from bench import labs, peers, writer
from bench.numbers import percentile, told
from bench.tmux import Tmux

LINES_PER_S = 100_000
LOOK_EVERY_S = 0.004
CATCH_UP_S = 30.0  # longer nobody waits
_SAVED = re.compile(r"saved [\d,]+ lines")
STAMP = re.compile(r"(\d{9}) at=(\d+\.\d{4}) ")


def main(quick: bool) -> dict[str, Any]:
    seconds, singles = (4.0, 12) if quick else (10.0, 40)
    firehose, single_lines = {}, {}
    for name in ("footplate", "less", "toolong", "textual_log", "textual_richlog"):
        with watched(name) as (tmux, log):
            if tmux is None:
                firehose[name] = peers.why_missing(name)
                continue
            single_lines[f"{name}_ms"] = told([_single(tmux, log, number) for number in range(singles)])
            firehose[name] = Firehose(tmux, log).turned_on(seconds)
            if name == "footplate":
                firehose[name] |= _kept(tmux, log)
    return {"firehose": firehose, "single_lines": single_lines}


# --- programs ----------------------------------------------------------------------------------------------------


@contextmanager
def watched(name: str) -> Iterator[tuple[Tmux | None, Path]]:
    """A program that follows a log, and the log."""
    if name == "footplate":
        with _ours() as both:
            yield both
        return
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        log.write_text("the log begins\n" * 3)  # toolong does not follow an empty file
        command = _command(name, log)
        if command is None:
            yield None, log
            return
        with Tmux(command) as tmux:
            if not name.startswith("textual"):
                tmux.sees("begins")
            yield tmux, log


def _command(name: str, log: Path) -> list[str] | None:
    if name == "less":
        return ["less", "+F", str(log)]
    if name == "toolong":
        program = peers.program("toolong")
        return [program, str(log)] if program else None
    return [sys.executable, "-m", "bench.apps", name.removeprefix("textual_"), str(log)]


@contextmanager
def _ours() -> Iterator[tuple[Tmux, Path]]:
    with labs.workspace() as workspace, labs.moving(workspace) as run:
        run.log.write_text("the log begins\n" * 3)
        hook = {"FOOTPLATE_LAG": str(workspace.root / "lag.txt")}
        with Tmux(labs.screens(workspace), folder=workspace.root, environment=hook) as tmux:
            tmux.sees(labs.TITLE)
            tmux.keys("l")
            tmux.sees("begins")
            yield tmux, run.log


# --- single lines ------------------------------------------------------------------------------------------------


def _single(tmux: Tmux, log: Path, number: int) -> float:
    """Milliseconds from an appended line to the screen, after a pause of any length."""
    time.sleep(random.Random(number).uniform(0.2, 0.9))
    line = writer.line(number, time.time())
    began = time.perf_counter()
    with log.open("ab") as file:
        file.write(line)
    return (tmux.sees(line.decode()[:20]) - began) * 1e3


# --- the firehose ------------------------------------------------------------------------------------------------


@dataclass
class Firehose:
    """A program in tmux and the log that it follows."""

    tmux: Tmux
    log: Path

    def turned_on(self, seconds: float) -> dict[str, Any]:
        """What comes of so many seconds of it."""
        process = psutil.Process(self.tmux.pid)
        cpu = _cpu_s(process)
        command = [sys.executable, "-m", "bench.writer", str(self.log), str(LINES_PER_S), str(seconds)]
        began = time.time()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writing:
            ages = self._ages(writing)
            assert writing.stdout is not None
            wrote = json.loads(writing.stdout.read())
        ended = time.time()
        found = {"lines_per_s": wrote["lines"] / wrote["seconds"], "age_on_screen_ms": told(ages)}
        found["age_on_screen_p95_ms"] = percentile(ages, 95)
        found["caught_up_s"] = self._caught_up(int(wrote["lines"]) - 1)
        found["cpu_s"] = _cpu_s(process) - cpu
        return {**found, **self._lag(began, ended)}

    def _ages(self, writing: subprocess.Popen[str]) -> list[float]:
        """How old, in milliseconds, the newest line on the screen was at each look, while lines were written."""
        ages = []
        while writing.poll() is None:
            newest, at = _newest(self.tmux.screen())
            if newest > 0:
                ages.append((time.time() - at) * 1e3)
            time.sleep(LOOK_EVERY_S)
        return ages

    def _caught_up(self, last: int) -> float | str:
        """Seconds until the last line stood on the screen."""
        began = time.perf_counter()
        try:
            return self.tmux.until(lambda screen: _newest(screen)[0] == last, "the end", CATCH_UP_S) - began
        except TimeoutError:
            return f"not within {CATCH_UP_S:.0f} s"

    def _lag(self, began: float, ended: float) -> dict[str, float]:
        """How late our loop was meanwhile."""
        samples = self.log.parents[2] / "lag.txt"
        if not samples.exists():
            return {}
        known = [tuple(map(float, line.split())) for line in samples.read_text().splitlines()[:-1]]
        late = [late_ms for at, late_ms in known if began <= at <= ended]
        shares = {f"loop_lag_p{percent}_ms": percentile(late, percent) for percent in (50, 95, 99)}
        return {**shares, "loop_lag_worst_ms": max(late)}


def _newest(screen: str) -> tuple[int, float]:
    """The number and the time of the newest line on a screen."""
    found = STAMP.findall(screen)
    return max(((int(number), float(at)) for number, at in found), default=(-1, 0.0))


def _cpu_s(process: psutil.Process) -> float:
    """Processor time of a program and of its children."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(time.user + time.system for time in times)


def _kept(tmux: Tmux, log: Path) -> dict[str, Any]:
    """Whether the view, saved by the key for it, is the file byte by byte; how many lines differ in number else."""
    tmux.keys("S")
    tmux.sees("Save all")
    tmux.keys("y")
    tmux.until(_SAVED.search, "that it was saved")
    [saved] = (log.parents[2] / "saved").glob("*.txt")
    ours, theirs = saved.read_bytes(), log.read_bytes()
    same = sha256(ours).digest() == sha256(theirs).digest()
    lost = theirs.count(b"\n") - ours.count(b"\n")
    return {"lines": theirs.count(b"\n"), "lines_lost": 0 if same else max(1, abs(lost)), "same_hash": same}
