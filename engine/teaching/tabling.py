"""The table of a sweep: numbers, scores on validation, which choose, and on test, which tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import tables
from engine.files import read_json, write_atomic
from engine.record import Recorder
from engine.run import Run
from engine.specs.distill import Distill

TOLD = ("accuracy", "macro_f1", "nll", "ece", "ece_scaled", "temperature")


@dataclass(frozen=True)
class Child:
    """One student of a sweep, and the numbers that are its own."""

    numbers: dict[str, float]
    run: Run


def write(out: Recorder, spec: Distill, found: Sequence[Child], base: Run | None) -> None:
    """sweep.json and sweep.csv, and the weights of the student that was best on validation."""
    out.phase("table")
    last = list(spec.stages)[-1]
    lines = [_line(child, last, spec.train.keep) for child in found]
    chosen = _chosen([line for line in lines if line["state"] == "done"], spec.train.keep)
    how = {"stage": last, "kept_by": spec.train.keep, "chosen_on": spec.splits.validation}
    whole = {**how, "chosen": chosen and chosen["run"], "common": base and base.id, "runs": lines}
    out.write_json("sweep.json", whole, "each student: numbers, scores on validation and on test")
    _rows(out, lines)
    if chosen:
        _tell_equals(out, lines, chosen, spec.train.keep)
        _keep(out, next(child.run for child in found if child.run.id == chosen["run"]), last, chosen)


def _line(child: Child, last: str, keep: str) -> dict[str, Any]:
    status, artifacts = child.run.status(), child.run.artifacts
    line: dict[str, Any] = {"run": child.run.id, "state": status.state, "numbers": child.numbers}
    if status.state != "done":
        return {**line, "error": status.error}
    history, told = (read_json(artifacts / last / name) for name in ("history.json", "reliabilitymetrics.json"))
    test = {name: told[name] for name in TOLD}
    validation = {"epoch": history["best_epoch"], keep: history[keep]}
    return {**line, "validation": validation, "test": {**test, "intervals": told["intervals"]}}


def _chosen(lines: Sequence[dict[str, Any]], keep: str) -> dict[str, Any] | None:
    """The best on validation; of equals the first."""
    sign = -1.0 if keep == "nll" else 1.0
    return max(lines, key=lambda line: sign * line["validation"][keep], default=None)


def _tell_equals(out: Recorder, lines: Sequence[dict[str, Any]], chosen: dict[str, Any], keep: str) -> None:
    """A choice among equals is none that validation has made."""
    best = chosen["validation"][keep]
    equals = [line["run"] for line in lines if line.get("validation", {}).get(keep) == best and line is not chosen]
    if equals:
        words = f"{len(equals)} other students have the same {keep} on validation; the first of them all was chosen"
        out.flag("chosen_among_equals", f"{words}: {', '.join(equals)}")


def _rows(out: Recorder, lines: Sequence[dict[str, Any]]) -> None:
    keys = list(lines[0]["numbers"])
    columns = ("run", "state", *keys, "validation", *(f"test_{name}" for name in TOLD), "test_low", "test_high")
    with tables.writer(out.artifact("sweep.csv", "one row a student"), columns) as table:
        for line in lines:
            told, known = line.get("test", {}), line.get("validation", {})
            ends = told["intervals"]["accuracy"] if told else ("", "")
            score = next((value for name, value in known.items() if name != "epoch"), "")
            table.write(
                line["run"], line["state"], *line["numbers"].values(), score, *(told.get(n, "") for n in TOLD), *ends
            )


def _keep(out: Recorder, run: Run, last: str, chosen: dict[str, Any]) -> None:
    for name in ("best.pt", "best.json"):
        source: Path = run.artifacts / last / name
        write_atomic(out.artifact(name, f"the student that was best on validation, of {run.id}"), source.read_bytes())
    for name in TOLD:
        out.metric(f"chosen.{name}", chosen["test"][name])
    numbers = ", ".join(f"{key} {value:g}" for key, value in chosen["numbers"].items())
    low, high = chosen["test"]["intervals"]["accuracy"]
    accuracy = chosen["test"]["accuracy"]
    out.finding("chosen", f"best on validation: {numbers}; on test accuracy {accuracy:.4f} ({low:.4f} … {high:.4f})")
