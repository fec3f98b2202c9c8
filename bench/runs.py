"""How long 1,000 and 10,000 run folders take to list, beside reading the same files with the standard library alone."""

from __future__ import annotations

import contextlib
import io
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.__main__ import main as engine
from engine.run import Run, create
from engine.status import Status, to_json
from engine.workspace import FILE, Workspace

METRICS = {f"perspective.{name}": 0.5 for name in ("frames", "accuracy", "macro_f1", "fixed", "broken", "p_exact")}
ARTIFACT = {"name": "v8_comparison.json", "about": "before and after", "size_bytes": 4096, "sha256": "0" * 64}


def main(quick: bool) -> dict[str, Any]:
    return {f"{count}_runs": _listed(count, 3 if quick else 7) for count in ((300, 1000) if quick else (1000, 10_000))}


def _listed(count: int, rounds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        workspace = _workspace(Path(folder), count)
        ours, plain = [], []
        for _ in range(rounds):  # in turn, so that a slow moment of the machine meets both
            ours.append(_seconds(lambda: _footplate(workspace, count)))
            plain.append(_seconds(lambda: _plain(workspace, count)))
        return {
            "seconds": statistics.median(ours),
            "ratio_to_plain": statistics.median(ours) / statistics.median(plain),
        }


def _workspace(root: Path, count: int) -> Workspace:
    """Runs as they are after a while: nearly all done, one in fifty failed, a few lost."""
    workspace = Workspace(root)
    (root / FILE).write_text("name: bench\n")
    model = create(workspace, "toy", "", record={"title": "leave-one-out, resnet50"})
    for number in range(count - 1):
        folder = (
            workspace.runs
            / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(1.77e9 + 60 * number))}-toy-{number % 65536:04x}"
        )
        folder.mkdir()
        for name in ("run.json", "events.jsonl", "log.txt", "lock"):
            os.link(model.folder / name, folder / name)
        Run(folder).status_file.write_text(json.dumps(_status(number), indent=2))
    model.status_file.write_text(json.dumps(_status(1), indent=2))
    return workspace


def _status(number: int) -> dict[str, Any]:
    state = "running" if number % 1000 == 7 else "failed" if number % 50 == 3 else "done"
    return to_json(Status(state=state, attempt=1, exit_code=0, metrics=METRICS, artifacts=(ARTIFACT,) * 5))


def _seconds(what: Callable[[], None]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def _footplate(workspace: Workspace, count: int) -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert engine(["-w", str(workspace.root), "runs", "--json"]) == 0
    assert said.getvalue().count('"id":') == count


def _plain(workspace: Workspace, count: int) -> None:
    found = []
    for entry in os.scandir(workspace.runs):
        with open(f"{entry.path}/status.json", "rb") as file:  # noqa: PTH123 (as plain as it gets)
            found.append(json.load(file))
    assert len(found) == count
