"""How many lines a second go into a view, and what 1,000,000 of them cost; beside Textual's RichLog and Log, and grep.

Into a view: as many lines as it takes in a few seconds, in batches, each of which is drawn at 160×48 before the next
one comes. Ours come as a file that grows, which is indexed in a thread; theirs are handed over in memory. Opening:
from the file to the number of its lines, and how much larger the process is then. Searching and filtering: until every
line that fits is known, with the start of the processes that look for them. The limit is `grep` for the same.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import Log, RichLog

from bench import writer
from bench.lag import Lag
from bench.numbers import Told, percentile, repeated, told
from tests.lab import ROOT
from tui import search, sieve, theme
from tui.services.logfile import LogFile
from tui.services.sifting import Sifter
from tui.sieve import Sieve
from tui.widgets.lines import LineView
from tui.widgets.paint import log as painted

SIZE = (160, 48)
BATCH, BATCH_OF_RICHLOG = 5000, 100
LINES = 1_000_000
SEARCHED, FILTERED, FREQUENT = "000987650 at", r"/0007[0-9][0-9]777/", "loss="
Give = Callable[[list[bytes]], Awaitable[None]]


def main(quick: bool) -> dict[str, Any]:
    seconds, rounds = (2.0, 3) if quick else (6.0, 7)
    with tempfile.TemporaryDirectory() as folder:
        ours = asyncio.run(_ours(Path(folder) / "grows", seconds))
        richlog = asyncio.run(_theirs(RichLog(), seconds))
        log = asyncio.run(_theirs(Log(), seconds))
        path = _written(Path(folder) / "log")
        opened = {**_opened(path), **_looked(path, rounds)}
    ratio = {name: ours["lines_per_s"] / them["lines_per_s"] for name, them in (("richlog", richlog), ("log", log))}
    return {"ours": ours, "richlog": richlog, "log": log, "times_as_many_as": ratio, "open_1m": opened}


# --- into a view -------------------------------------------------------------------------------------------------


class Stage(App[None]):
    """One widget on a screen."""

    CSS_PATH = [ROOT / "tui" / "app.tcss", ROOT / "tui" / "screens.tcss"]  # noqa: RUF012 (Textual reads it so)

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.register_theme(theme.DARK)
        self.theme = theme.DARK.name
        self._widget = widget

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.DARK.variables

    def compose(self) -> ComposeResult:
        yield self._widget


async def _ours(path: Path, seconds: float) -> dict[str, float]:
    path.touch()
    log, view = LogFile(path), LineView(paint=painted)

    async def give(lines: list[bytes]) -> None:
        with path.open("ab") as file:
            file.writelines(lines)
        await asyncio.to_thread(log.update)
        view.grew()

    async with Stage(view).run_test(size=SIZE) as pilot:
        log.update()
        view.show(log)
        view.set_follow(True)
        found = await _taken(give, pilot.pause, BATCH, seconds)
        assert view.source.line_count == found["lines"] and f"{found['lines'] - 1:09.0f}" in log.text(
            log.line_count - 1
        )
    return found


async def _theirs(widget: RichLog | Log, seconds: float) -> dict[str, float]:
    async def give(lines: list[bytes]) -> None:
        texts = [line.decode().rstrip("\n") for line in lines]
        if isinstance(widget, Log):
            widget.write_lines(texts)
        else:
            for text in texts:
                widget.write(text)

    async with Stage(widget).run_test(size=SIZE) as pilot:
        return await _taken(give, pilot.pause, BATCH if isinstance(widget, Log) else BATCH_OF_RICHLOG, seconds)


async def _taken(give: Give, drawn: Callable[[], Awaitable[None]], batch: int, seconds: float) -> dict[str, float]:
    """How many lines were taken in so many seconds, and how late the loop was meanwhile."""
    lines, began = 0, time.perf_counter()
    async with Lag() as lag:
        while (took := time.perf_counter() - began) < seconds:
            await give([writer.line(number, 1.7e9) for number in range(lines, lines + batch)])
            await drawn()
            lines += batch
    return {"lines": lines, "lines_per_s": lines / took, "loop_lag_p95_ms": percentile(lag.late_ms, 95)}


# --- a million lines ---------------------------------------------------------------------------------------------


def _written(path: Path) -> Path:
    with path.open("wb") as file:
        file.writelines(writer.line(number, 1.7e9 + number / 1000) for number in range(LINES))
    return path


def _opened(path: Path) -> dict[str, Any]:
    """Seconds to the last line, and by how much the process grew."""
    process, samples = psutil.Process(), []
    before = process.memory_info().rss
    for _ in range(5):
        began, log = time.perf_counter(), LogFile(path)
        while log.update()[0]:
            pass
        assert log.count == LINES
        samples.append(time.perf_counter() - began)
    added = (process.memory_info().rss - before) / 2**20
    return {"size_mib": path.stat().st_size / 2**20, "s": told(samples), "added_mib": added,
            "mib": process.memory_info().rss / 2**20}  # fmt: skip


def _looked(path: Path, rounds: int) -> dict[str, Any]:
    log = LogFile(path)
    while log.update()[0]:
        pass
    wanted = search.compiled(SEARCHED)
    assert wanted is not None
    sieves = {
        "search": (sieve.of_search(wanted), ["grep", "-cF", SEARCHED]),
        "regex_filter": (sieve.of_filter(sieve.filter_of(FILTERED)), ["grep", "-cE", FILTERED.strip("/")]),
        "every_line": (sieve.of_filter(sieve.filter_of(FREQUENT)), ["grep", "-cF", FREQUENT]),
        "level": (sieve.of_level("warning"), ["grep", "-ciE", "error|warn|critical|fatal|exception|traceback"]),
    }
    found: dict[str, Any] = {}
    for name, (sought, command) in sieves.items():
        ours, first, grep = _beside(log, sought, [*command, str(path)], rounds)
        found |= {f"{name}_ms": ours, f"{name}_grep_ms": grep}
        found |= {f"{name}_first_ms": first} if name == "every_line" else {}
    return found


def _beside(log: LogFile, sought: Sieve, command: list[str], rounds: int) -> tuple[Told, Told, Told]:
    firsts: list[float] = []

    def ours() -> float:
        first, all_of_it = _sift(log, sought)
        firsts.append(first)
        return all_of_it

    def grep() -> float:
        began = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False)  # into /dev/null it would stop at the first
        return (time.perf_counter() - began) * 1e3

    taken, limit = repeated(rounds, ours, grep)
    return told(taken), told(firsts), told(limit)


def _sift(log: LogFile, sought: Sieve) -> tuple[float, float]:
    """Milliseconds until the first lines are known, and until all are."""
    assert log.index is not None
    done, firsts, began = threading.Event(), list[float](), time.perf_counter()
    stands = threading.Event()

    def tell() -> None:
        stands.wait()  # the first answer may come before the sifter has its name here
        if sifter.lines and not firsts:
            firsts.append((time.perf_counter() - began) * 1e3)
        if sifter.done:
            done.set()

    sifter = Sifter(log.index, sought, tell)
    stands.set()
    done.wait()
    taken = (time.perf_counter() - began) * 1e3
    sifter.close()
    assert not sifter.fault
    return firsts[0] if firsts else taken, taken
