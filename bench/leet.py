"""The curves of 100,000 steps × 4 metrics until they stand on the screen, in a real tmux, beside `wandb leet`.

Both show the same numbers: ours from the events of a run, `wandb leet` from an offline run that its own package wrote
in a process of its own (which takes most of a minute, so it is kept beside the peers).
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import labs, peers, points
from bench.numbers import told
from bench.startup import mebibytes
from bench.tmux import Tmux
from engine.events import Metric
from engine.workspace import Workspace

STEPS, METRICS = 100_000, 4
PATIENCE_S = 600
Sample = dict[str, float]


def main(quick: bool) -> dict[str, Any]:
    rounds = 3 if quick else 7
    with labs.workspace() as workspace:
        run = labs.ended(workspace)
        numbers = points.of(STEPS, METRICS)
        labs.say(
            run, [Metric(name, value, step) for step, named in enumerate(numbers) for name, value in named.items()]
        )
        chart = _told("footplate", [_ours(workspace) for _ in range(rounds)])
    return {"chart": {**chart, **_leet(rounds)}}


def _ours(workspace: Workspace) -> Sample:
    """From the key that opens the run (the program's own start stands under `startup`) to the ends of all curves."""
    with Tmux(labs.screens(workspace)) as tmux:
        tmux.sees(labs.TITLE)
        tmux.keys("2")
        tmux.sees("result")
        began = time.perf_counter()
        tmux.keys("Enter")
        tmux.sees(" curves ")
        tmux.keys("Tab", "Tab")
        first = tmux.sees("m0  ") - began
        whole = tmux.until(_all_ends, "the ends of all curves") - began
        return {"first_s": first, "s": whole, "mib": mebibytes(tmux.pid)}


def _all_ends(screen: str) -> bool:
    return all(f"m{metric}  {points.LAST}" in screen for metric in range(METRICS))


def _leet(rounds: int) -> dict[str, Any]:
    """From the start of the program until it has read all."""
    program, folder = peers.program("wandb"), _offline()
    if program is None or folder is None:
        return {"wandb": peers.why_missing("wandb")}
    samples = []
    for _ in range(rounds):
        with Tmux([program, "leet", "run", "wandb/latest-run"], folder=folder) as tmux:
            first = tmux.sees("│m0") - tmux.began
            whole = tmux.sees("State: Finished") - tmux.began
            samples.append({"first_s": first, "s": whole, "mib": mebibytes(tmux.pid)})
    return _told("wandb", samples)


def _offline() -> Path | None:
    """The folder of an offline run with our numbers, made once."""
    python, folder = peers.python("wandb"), peers.place() / f"wandb-run-{STEPS}x{METRICS}"
    if python is not None and not (folder / "ready").exists():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"   writing an offline run of {STEPS:,} steps with wandb", flush=True)
        command = [python, "-P", points.__file__, str(folder), str(STEPS), str(METRICS)]  # -P: our files are not its
        quietly = {**os.environ, "WANDB_SILENT": "true"}
        subprocess.run(command, check=True, env=quietly, stdout=subprocess.DEVNULL, timeout=PATIENCE_S)
        (folder / "ready").touch()
    return folder if python is not None else None


def _told(name: str, samples: Sequence[Sample]) -> dict[str, Any]:
    return {f"{name}_{key}": told([sample[key] for sample in samples]) for key in samples[0]}
