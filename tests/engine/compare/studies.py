"""Run folders as the finetune job leaves them, small: predictions, metrics, spec, frozen code, environment."""

from __future__ import annotations

import csv
import hashlib
import io
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any

from engine.criteria import Judged
from engine.files import sha256, write_atomic, write_json
from engine.run import Run, create
from engine.stats.results import COLUMNS
from engine.status import Status, from_json, to_json
from engine.workspace import Workspace

SPEC = "title: {title}\nmodel:\n  name: resnet50\ntrain:\n  lr: {lr}\n  epochs: 10\nloo:\n  leave_out: video\n"
LABELS = list("aabbaabbab")  # of a run with two stages
Row = tuple[str, int, str, str, str]  # video, frame, variable, label, after


def rows(labels: Sequence[str], predicted: Sequence[str], *, variable: str = "kind", each: int = 2) -> list[Row]:
    """Predictions of frames of which so many are of one video."""
    both = enumerate(zip(labels, predicted, strict=True))
    return [(f"v{n // each}", n, variable, label, after) for n, (label, after) in both]


def studied(
    workspace: Workspace, title: str, predictions: Sequence[Row] | None = None, *, lr: str = "0.001",
    code: Mapping[str, str] | None = None, environment: Mapping[str, Any] | None = None, **given: Any,
) -> Run:  # fmt: skip
    """A fine-tuning run that is done."""
    record = {"title": title, "tags": ["gold"], "code": frozen(workspace, code or {"engine/a.py": "one = 1\n"})}
    run = create(workspace, "finetune", SPEC.format(title=title, lr=lr), record=record)
    write_json(
        run.folder / "environment.json", environment or {"host": "here", "threads": 1, "packages": {"torch": "2"}}
    )
    artifacts = []
    if predictions is not None:
        write_atomic(run.artifacts / "predictions.csv", table(predictions))
        path = run.artifacts / "predictions.csv"
        artifacts = [{"name": path.name, "about": "one row a frame", "size_bytes": path.stat().st_size,
                      "sha256": sha256(path)}]  # fmt: skip
    defaults = {
        "state": "done", "attempt": 1, "title": title, "host": socket.gethostname(), "started_at": time.time() - 9,
        "ended_at": time.time(), "exit_code": 0, "metrics": scores(predictions or ()), "artifacts": tuple(artifacts),
        "criteria": (Judged("kind.accuracy", "> 0.5", 0.6, True),),
    }  # fmt: skip
    write_json(run.status_file, to_json(Status(**{**defaults, **given})))
    return run


def table(predictions: Sequence[Row]) -> str:
    out = io.StringIO()
    made = csv.writer(out, lineterminator="\n")
    made.writerow(COLUMNS)
    for video, frame, variable, label, after in predictions:
        made.writerow([video, frame, variable, video, label, "x", after, int(label == after), 0.9, "{}"])
    return out.getvalue()


def scores(predictions: Sequence[Row]) -> dict[str, float]:
    """Accuracy of each variable, as the job says it."""
    hits: dict[str, list[bool]] = {}
    for _, _, variable, label, after in predictions:
        hits.setdefault(variable, []).append(label == after)
    return {f"{variable}.accuracy": sum(found) / len(found) for variable, found in hits.items()}


def frozen(workspace: Workspace, files: Mapping[str, str]) -> dict[str, Any]:
    """Code as it is kept for runs."""
    digest = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
    for name, text in files.items():
        write_atomic_below(workspace, digest, name, text)
    return {"version": "0.1", "sha256": digest, "commit": "c" * 40, "diff_sha256": ""}


def write_atomic_below(workspace: Workspace, digest: str, name: str, text: str) -> None:
    path = workspace.runs / ".code" / digest[:16] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def bins(accuracy: float) -> list[dict[str, float | int | None]]:
    empty = {"low": 0.0, "high": 0.5, "frames": 0, "confidence": None, "accuracy": None}
    return [empty, {"low": 0.5, "high": 1.0, "frames": 10, "confidence": 0.9, "accuracy": accuracy}]


def staged(workspace: Workspace) -> Run:
    """A run of two stages, the second of which predicts everything right."""
    both = [*rows(LABELS, ["a"] * 10, variable="ce"), *rows(LABELS, LABELS, variable="kd")]
    run = studied(workspace, "student", both)
    status = to_json(run.status())
    names = [f"{stage}/reliabilitymetrics.json" for stage in ("ce", "kd")]
    status["artifacts"] = [
        *status["artifacts"],
        *({"name": name, "about": "", "size_bytes": 1, "sha256": ""} for name in names),
    ]
    write_json(run.status_file, to_json(from_json(status)))
    for stage, accuracy in (("ce", 0.5), ("kd", 1.0)):
        told = {"bins_before": bins(accuracy), "bins": bins(accuracy)}
        write_json(run.artifacts / stage / "calibration.json", told)
    return run
