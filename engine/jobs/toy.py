"""A descent into a noisy bowl: no torch, no data, seconds long; it stops, resumes and fails like any other job."""

from __future__ import annotations

import random
import time

from engine import tables
from engine.errors import DataError
from engine.files import read_json, write_json
from engine.record import Recorder
from engine.specs.toy import Toy


def run(spec: Toy, out: Recorder) -> None:
    """Walk downhill on x² + noise, a step at a time, and write the path."""
    path = [float(x) for x in read_json(out.work / "path.json").get("path", [1.0])]
    if len(path) > 1:
        out.note(f"going on after step {len(path) - 1}")
    out.phase("descend")
    for step in range(len(path), spec.steps + 1):
        path.append(_step(spec, step, path[-1]))
        _tell(spec, out, step, path[-1])
        write_json(out.work / "path.json", {"path": path})
        out.checkpoint()
    _write(out, path)


def _step(spec: Toy, step: int, x: float) -> float:
    if step == spec.fail_at:
        raise DataError(f"step {step} was told to fail", hint="fail_at: 0 lets it pass")
    time.sleep(spec.seconds_per_step)
    # Keyed by step and not drawn in a row, so that a resumed walk takes the very same steps.
    noise = random.Random(f"{spec.seed}/{step}").gauss(0, spec.noise)
    return x - spec.lr * (2 * x + noise)


def _tell(spec: Toy, out: Recorder, step: int, x: float) -> None:
    for line in range(spec.log_lines_per_step):
        print(f"step {step}.{line}: x = {x:.6f}")
    out.metric("loss", x * x, step)
    out.progress(step, spec.steps, "steps")


def _write(out: Recorder, path: list[float]) -> None:
    out.phase("write")
    with tables.writer(out.artifact("path.csv", "one row a step"), ["step", "x"]) as table:
        for step, x in enumerate(path):
            table.write(step, repr(x))
    out.write_json("result.json", {"x": path[-1], "loss": path[-1] ** 2}, "where the walk ended")
    out.metric("final_loss", path[-1] ** 2)
