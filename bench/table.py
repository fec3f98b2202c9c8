"""Our table beside Textual's DataTable: rows shown, one row refreshed, sorted; files, runs and pictures as well."""

from __future__ import annotations

import asyncio
import csv
import importlib.util
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import DataTable

from bench import numbers, pictures
from engine.filter import compiled
from engine.look.view import Arrangement
from engine.status import Status
from tui import runcolumns
from tui.entries import Entry
from tui.listing import Listed, Wanted, listed
from tui.services.looker import looker
from tui.theme import DARK
from tui.widgets.columns import Column
from tui.widgets.table import Table
from tui.widgets.tones import Cell

SIZE = (120, 40)
LABELS = ("key", "state", "value", "name")
ROWS, WIDE = 150_000, 20


def main(quick: bool) -> dict[str, Any]:
    rounds = 2 if quick else 5
    result: dict[str, Any] = {
        f"rows_{count // 1000}k": asyncio.run(_tables(count, rounds if count < 50_000 else 1 + (not quick)))
        for count in (10_000, 100_000)
    }
    result["file_150k"] = _file(ROWS, rounds)
    result["runs_10k"] = _runs(10_000, rounds * 4)
    result["picture_120x40"] = asyncio.run(pictures.swaps(Stage, rounds * 6))
    return result


# --- tables -------------------------------------------------------------------------------------------------------


class Stage(App[None]):
    """One widget on a screen."""

    CSS = "#it { width: 100%; height: 100%; overflow-x: hidden; scrollbar-size-horizontal: 0; }"
    no_color = False

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name
        self._widget = widget

    def compose(self) -> ComposeResult:
        yield self._widget


def _values(count: int) -> dict[str, list[str]]:
    chance = random.Random(count)
    return {f"k{n}": [f"k{n}", "done", f"{chance.random():.4f}", f"run {n}"] for n in range(count)}


async def _tables(count: int, rounds: int) -> dict[str, Any]:
    """In turn, so that a slow moment of the machine meets both."""
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, seconds in {**await _ours(count), **await _theirs(count)}.items():
            found.setdefault(name, []).append(seconds)
    ratio = statistics.median(found["datatable_s"]) / statistics.median(found["ours_s"])
    return {**{name: numbers.told(seconds) for name, seconds in found.items()}, "datatable_to_ours": ratio}


async def _ours(count: int) -> dict[str, float]:
    values, table = _values(count), Table([Column(label, label, 10, flex=1) for label in LABELS], id="it")
    order = sorted(values, key=lambda key: values[key][2])
    async with Stage(table).run_test(size=SIZE) as pilot:

        def show(keys: Sequence[str]) -> None:
            table.show(keys, lambda key: [Cell(text) for text in values[key]])

        def change() -> None:
            values["k3"] = ["k3", "failed", "0", "changed"]
            show(list(values))

        shown = await _painted(pilot.pause, lambda: show(list(values)))
        return {"ours_s": shown, "ours_one_row_s": await _painted(pilot.pause, change),
                "ours_sorted_s": await _painted(pilot.pause, lambda: show(order))}  # fmt: skip


async def _theirs(count: int) -> dict[str, float]:
    values, table = _values(count), DataTable[str](id="it")
    async with Stage(table).run_test(size=SIZE) as pilot:

        def fill() -> None:
            for label in LABELS:
                table.add_column(label, key=label)
            for key, row in values.items():
                table.add_row(*row, key=key)

        shown = await _painted(pilot.pause, fill)
        change = await _painted(pilot.pause, lambda: table.update_cell("k3", "state", "failed"))
        ordered = await _painted(pilot.pause, lambda: table.sort("value"))
        return {"datatable_s": shown, "datatable_one_row_s": change, "datatable_sorted_s": ordered}


async def _painted(pause: Callable[[], Awaitable[None]], do: Callable[[], object]) -> float:
    """Seconds until something is done and painted."""
    await pause()
    began = time.perf_counter()
    do()
    await pause()
    return time.perf_counter() - began


# --- files --------------------------------------------------------------------------------------------------------


def _file(count: int, rounds: int) -> dict[str, Any]:
    """The first page and the last one of a file, beside reading all of it with csv.reader and with pandas."""
    with tempfile.TemporaryDirectory() as folder:
        path = _written(Path(folder) / "large.csv", count)
        found: dict[str, list[float]] = {}
        for _ in range(rounds):
            for name, seconds in {**_looked(path, count), **_read(path)}.items():
                found.setdefault(name, []).append(seconds)
    told = {name: numbers.told(seconds) for name, seconds in found.items()}
    ratio = statistics.median(found["csv_reader_s"]) / statistics.median(found["first_page_s"])
    return {"size_mib": _mib(count), **told, "csv_reader_to_first_page": ratio}


def _written(path: Path, count: int) -> Path:
    chance = random.Random(0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"c{n}" for n in range(WIDE)])
        for n in range(count):
            word = chance.choice(["plain", "with, comma", 'a "quote"', "two\nlines"])
            writer.writerow([n, word, *(f"{chance.random():.5f}" for _ in range(WIDE - 2))])
    return path


def _mib(count: int) -> float:
    return round(count * (WIDE - 2) * 8.5 / (1 << 20), 1)


def _looked(path: Path, count: int) -> dict[str, float]:
    """In a fresh process each time, as with the first look at a file."""
    looker.close()
    began = time.perf_counter()
    _page(path, 0, Arrangement())
    first = time.perf_counter() - began
    _page(path, 0, Arrangement("c0>=0"))
    whole = time.perf_counter() - began
    _page(path, count - 60, Arrangement("c0>=0", 5))
    ordered = time.perf_counter() - began - whole
    looker.close()
    return {"first_page_s": first, "filtered_s": whole - first, "sorted_s": ordered}


def _page(path: Path, first: int, wanted: Arrangement) -> None:
    arranged = [wanted.filter, wanted.column, wanted.reverse]
    answer = looker.ask("rows", path=str(path), arranged=arranged, first=first, count=60, around=-1)
    assert len(answer["rows"]) == 60


def _read(path: Path) -> dict[str, float]:
    reader = "import csv, sys; print(sum(1 for _ in csv.reader(open(sys.argv[1], newline=''))))"
    found = {"csv_reader_s": _process(reader, path)}
    if importlib.util.find_spec("pandas") is not None:
        found["pandas_s"] = _process("import pandas, sys; print(len(pandas.read_csv(sys.argv[1])))", path)
    return found


def _process(code: str, path: Path) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, timeout=120)
    return time.perf_counter() - began


# --- runs ---------------------------------------------------------------------------------------------------------


def _runs(count: int, rounds: int) -> dict[str, Any]:
    """What the screen's thread does when one of many runs has changed, and when another filter is typed."""
    entries = [_entry(n, n / count) for n in range(count)]
    rank = runcolumns.BY_KEY["result"].rank
    assert rank is not None
    wanted = Wanted(compiled("toy accuracy>0.2"), "result", rank)
    began = time.perf_counter()
    before = listed(Listed(), entries, wanted, 0.0)
    anew, refreshes = time.perf_counter() - began, []
    for n in range(rounds):
        entries[n] = _entry(n, 0.9)
        began = time.perf_counter()
        before = listed(before, list(entries), wanted, 0.0)
        refreshes.append(time.perf_counter() - began)
    return {"another_filter_in_steps_ms": anew * 1000, "refresh_ms": numbers.told([s * 1000 for s in refreshes])}


def _entry(n: int, accuracy: float) -> Entry:
    status = Status(state="done", title=f"run {n}", started_at=n, ended_at=n + 60.0, metrics={"v8.accuracy": accuracy})
    return Entry(f"20260203-{n:06}-toy-0000", "toy", float(n), status, ("gold",))
