"""A descent into a noisy bowl: no torch, no data, seconds long; it stops, resumes and fails like any other job."""

from __future__ import annotations

import math
import random
import sys
import time

from engine import tables
from engine.errors import DataError
from engine.files import read_json, write_atomic, write_json
from engine.png import png
from engine.record import Recorder
from engine.specs.toy import Toy

WIDTH, HEIGHT = 120, 60
PAPER, INK = b"\x1c\x1c\x1c", b"\x87\xaf\xd7"


def run(spec: Toy, out: Recorder) -> None:
    """Walk downhill on x² + noise, a step at a time, and write the path."""
    path = [float(x) for x in read_json(out.work / "path.json").get("path", [])] or [_begin(spec, out)]
    if len(path) > 1:
        out.note(f"going on after step {len(path) - 1}")
    out.phase("descend")
    for step in range(len(path), spec.steps + 1):
        path.append(_step(spec, step, path[-1]))
        _tell(spec, out, step, path)
        write_json(out.work / "path.json", {"path": path})
        out.checkpoint()
    _write(spec, out, path)


def _begin(spec: Toy, out: Recorder) -> float:
    return float(read_json(out.resolve(spec.after)).get("x", spec.begin_at)) if spec.after else spec.begin_at


def _noise(spec: Toy, step: int) -> float:
    # Keyed by step and not drawn in a row, so that a resumed walk takes the very same steps.
    return random.Random(f"{spec.seed}/{step}").gauss(0, spec.noise)


def _step(spec: Toy, step: int, x: float) -> float:
    if step == spec.fail_at:
        raise DataError(f"step {step} was told to fail", hint="fail_at: 0 lets it pass")
    time.sleep(spec.seconds_per_step)
    x -= spec.lr * (2 * x + _noise(spec, step))
    if not math.isfinite(x):
        raise DataError(f"step {step}: the walk has left the bowl, x is {x}", hint="lr below 1.0 stays in it")
    return x


def _tell(spec: Toy, out: Recorder, step: int, path: list[float]) -> None:
    x, before = path[-1], path[-2]
    clear = "\r" if spec.chatter else ""  # of the bar that may stand there
    for line in range(spec.log_lines_per_step):
        print(f"{clear}step {step}.{line}: x = {x:.6f}")
    if spec.chatter:
        _chat(spec, step, x)
    out.metric("loss", x * x, step)
    out.metric("gradient", (before - x) / spec.lr, step)
    # Where the walk goes too far out for a number, this is infinity by infinity: nan.
    out.metric("ratio", x * x / (before * before) if before * before else 0.0, step)
    if abs(x) > 10 * abs(path[0]) >= abs(before):
        out.flag("diverges", f"from step {step} on it is ten times as far out as it began; lr {spec.lr:g} is too large")
    out.progress(step, spec.steps, "steps")


def _chat(spec: Toy, step: int, x: float) -> None:
    """What many libraries do to a log: colours, levels, and a bar that is written over itself."""
    if step % 5 == 0:
        print(f"\r\x1b[32mINFO\x1b[0m     step {step}: x = {x:.6f}, loss = {x * x:.3g}")
    if spec.noise and abs(sigmas := _noise(spec, step) / spec.noise) > 1.8:
        print(f"\r\x1b[33mWARNING\x1b[0m  step {step}: a rough place, the noise is {sigmas:+.1f} sigma")
    if abs(x) > 10:
        print(f"\r\x1b[31mERROR\x1b[0m    step {step}: x = {x:.3g} is out of the bowl")
    done, end = 24 * step // spec.steps, "\n" if step == spec.steps else ""
    bar = "█" * done + " " * (24 - done)
    print(f"\rdescend: {100 * step // spec.steps:3d}%|{bar}| {step}/{spec.steps}", end=end, file=sys.stderr, flush=True)


def _write(spec: Toy, out: Recorder, path: list[float]) -> None:
    out.phase("write")
    with tables.writer(out.artifact("path.csv", "one row a step"), ["step", "x"]) as table:
        for step, x in enumerate(path):
            table.write(step, repr(x))
    out.write_json("result.json", {"x": path[-1], "loss": path[-1] * path[-1]}, "where the walk ended")
    if spec.report:
        write_atomic(out.artifact("walk.png", "x, step by step"), png(_picture(path)))
        write_atomic(out.artifact("report.txt", "the walk in words"), _report(spec, path))
    out.metric("final_loss", path[-1] * path[-1])


def _picture(path: list[float]) -> list[bytes]:
    """One column for each of WIDTH places of the path, filled up to where x is."""
    low, high = min(path), max(path)
    places = [path[column * (len(path) - 1) // (WIDTH - 1)] for column in range(WIDTH)]
    dots = [round((high - x) / (high - low or 1) * (HEIGHT - 1)) for x in places]
    return [b"".join(INK if row >= dot else PAPER for dot in dots) for row in range(HEIGHT)]


def _report(spec: Toy, path: list[float]) -> str:
    nearest = min(range(len(path)), key=lambda step: abs(path[step]))
    return (
        f"{len(path) - 1} steps with lr {spec.lr:g}, from x = {path[0]:g} to x = {path[-1]:g}.\n"
        f"Nearest to the bottom at step {nearest}: x = {path[nearest]:g}.\n"
    )
