"""How long 100,000 steps of four curves take to read and to draw, beside json.loads on the same lines and plotext.

Reading is all that the screen does before it draws: from bytes on disk to curves that are thinned. The limit is what
json.loads alone takes for these lines, one by one and as one list. Drawing is a whole chart of four curves.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import numbers, peers, points
from engine.events import Metric, to_line
from engine.points import read
from tui.charting import line
from tui.series import Series
from tui.story import Story
from tui.widgets.line import View
from tui.widgets.plot import Plot

STEPS, METRICS = 100_000, 4
SIZES = ((80, 24), (160, 48), (200, 60))
WAYS = {"": View(), "log": View(log=True), "smoothed": View(smooth=0.9), "with_cursor": View(cursor=STEPS / 2)}
PLOTEXT = """
import json, sys, time
import plotext
values = [json.loads(line) for line in open(sys.argv[1])][: int(sys.argv[3])]
steps = list(range(len(values[0])))
for _ in range(int(sys.argv[2])):
    began = time.perf_counter()
    figure = plotext.figure
    figure.clear()
    figure.plot_size(200, 60)
    for curve in values:
        figure.draw(figure.signal(steps, curve, marker="braille").lines())
    figure.build()
    print(time.perf_counter() - began)
"""


def main(quick: bool) -> dict[str, Any]:
    steps, rounds = (STEPS // 10, 3) if quick else (STEPS, 7)
    with tempfile.TemporaryDirectory() as folder:
        events = _written(Path(folder) / "events.jsonl", steps)
        ours, lines, list_of = numbers.repeated(
            rounds, *(_seconds(how, events) for how in (_load, _json_lines, _json_list))
        )
        key = f"load_{steps // 1000}k_x{METRICS}"
        curves = list(_load(events).curves.values())
        return {
            "size_mib": events.stat().st_size / 2**20,
            f"{key}_s": numbers.told(ours),
            "longest_turn_ms": _longest_turn(events),
            "json_loads": {"by_line_s": numbers.told(lines), "as_a_list_s": numbers.told(list_of)},
            "to_json_by_line": numbers.told([a / b for a, b in zip(ours, lines, strict=True)]),
            "kept_points": sum(len(curve.steps) for curve in curves),
            "redraw_ms": _redraw(curves, SIZES[-1], WAYS[""], 5 * rounds),
            "redraw": {_named(size, name): _redraw(curves, size, view, 2 * rounds)
                       for size in SIZES for name, view in WAYS.items()},
            **_plotext(Path(folder), steps, rounds),
        }  # fmt: skip


def _written(path: Path, steps: int) -> Path:
    with path.open("wb") as file:
        for step, named in enumerate(points.of(steps, METRICS)):
            file.writelines(to_line(Metric(name, value, step)) for name, value in named.items())
    return path


def _seconds(do: Callable[[Path], object], events: Path) -> Callable[[], float]:
    def measure() -> float:
        began = time.perf_counter()
        do(events)
        return time.perf_counter() - began

    return measure


def _load(events: Path) -> Story:
    story, offset = Story(), 0
    while block := read(events, offset):
        story.take(block)
        offset = block.offset
    return story


def _json_lines(events: Path) -> int:
    with events.open("rb") as file:
        return sum(json.loads(text)["step"] >= 0 for text in file)


def _json_list(events: Path) -> int:
    return len(json.loads(b"[" + b",".join(events.read_bytes().splitlines()) + b"]"))


def _longest_turn(events: Path) -> dict[str, float]:
    """How long other threads wait at most while a block is read, and while it is taken in."""
    story, offset, reading, taking = Story(), 0, 0.0, 0.0
    while True:
        began = time.perf_counter()
        block = read(events, offset)
        read_at = time.perf_counter()
        if not block:
            return {"reading": reading * 1000, "taking_in": taking * 1000}
        story.take(block)
        offset = block.offset
        reading, taking = max(reading, read_at - began), max(taking, time.perf_counter() - read_at)


def _named(size: tuple[int, int], way: str) -> str:
    return f"{size[0]}x{size[1]}{'_' * bool(way)}{way}_ms"


def _redraw(curves: Sequence[Series], size: tuple[int, int], view: View, rounds: int) -> numbers.Told:
    samples = []
    for _ in range(rounds):
        for curve in curves:
            curve.kept.forget()  # as when it has grown
        lines = [line(curve, curve.name) for curve in curves]
        began = time.perf_counter()
        assert Plot(lines, *size, view).rows()
        samples.append((time.perf_counter() - began) * 1000)
    return numbers.told(samples)


def _plotext(folder: Path, steps: int, rounds: int) -> dict[str, Any]:
    """One chart of one of these curves, and one of all of them; built and not printed."""
    python, key = peers.python("plotext"), f"plotext_{steps // 1000}k"
    if python is None:
        return {f"{key}_points_ms": f"plotext could not be installed: {peers.why_missing('plotext')}"}
    values, script = folder / "values.jsonl", folder / "draw.py"
    named = list(points.of(steps, METRICS))
    values.write_text("".join(f"{json.dumps([row[name] for row in named])}\n" for name in named[0]))
    script.write_text(PLOTEXT)
    found = {}
    for name, curves in ((f"{key}_points_ms", 1), (f"{key}_x{METRICS}_ms", METRICS)):
        command = [python, "-P", str(script), str(values), str(rounds), str(curves)]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout
        found[name] = numbers.told([float(text) * 1000 for text in said.split()])
    return found
