"""The runs of the demo: fine-tuning, then its classifiers and all extractors over the same videos."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from engine.commands.follow import follow
from engine.commands.verb import Table, say, table
from engine.errors import RunError
from engine.run import Run, request_stop
from engine.status import Status
from engine.workspace import Workspace

COLUMNS = {
    "ACCURACY": "accuracy_before",
    "→": "accuracy",
    "MACRO-F1": "macro_f1_before",
    "→ ": "macro_f1",
    "FIXED": "folds_fixed",
    "BROKEN": "folds_broken",
    "McNEMAR P": "mcnemar_exact_p",
    "KNOWS NOTHING": "knows_nothing_accuracy",
}
LABELS = {"PERSPECTIVE": "perspective_label", "DISTANCE": "distance_label"}
FEATURES = {"BITS": "color_entropy", "THINGS": "avg_objects", "FACES": "num_faces", "GAZE": "gaze_at_camera_ratio",
            "TEXT": "text_area_ratio", "CHANGES/S": "text_changes_per_second"}  # fmt: skip


def start(workspace: Workspace, job: str, *overrides: str) -> Run:
    """A job by the workspace's preset, as `footplate run` would start it."""
    from engine import launch, presets

    text, source = presets.choose(workspace, job, None)
    return launch.submit(workspace, job, text, source, overrides)


def start_all(workspace: Workspace) -> list[Run]:
    """All three, the first of which begins; classifiers wait for the run that makes them."""
    tuned = start(workspace, "finetune")
    return [tuned, start(workspace, "infer", f"models=[run:{tuned.id}]"), start(workspace, "extract")]


def follow_all(runs: Sequence[Run], *, quiet: bool) -> int:
    """Show one after the other; where one does not get done the others are stopped, and its exit code is told."""
    for number, run in enumerate(runs):
        say(f"{run.id} (ctrl-c asks it to stop)")
        if code := follow(run, quiet=quiet):
            for other in runs[number + 1 :]:
                with suppress(RunError):  # it has ended already
                    request_stop(other)
            return code
    return 0


def before_and_after(status: Status) -> str | Table:
    """One line a variable: accuracy and macro-F1 of leave-one-out, before and after."""
    names = [name.removesuffix(".accuracy_before") for name in status.metrics if name.endswith(".accuracy_before")]
    rows = [
        (name, *(f"{status.metrics.get(f'{name}.{key}', float('nan')):.4g}" for key in COLUMNS.values()))
        for name in names
    ]
    return table(rows, ("VARIABLE", *COLUMNS)) if rows else "nothing was compared"


def videos(inferred: Run, extracted: Run) -> Table:
    """One line a video: what the classifiers say of it, and what the extractors found."""
    rows = [tuple(cells) for cells in _cells(inferred, extracted)]
    return table(rows, ("VIDEO", *LABELS, *FEATURES))


def _cells(inferred: Run, extracted: Run) -> Iterator[list[str]]:
    from engine import tables

    labels = {row["video_id"]: row for row in tables.read(inferred.artifacts / "model_predictions_video.csv")}
    for row in tables.read(extracted.artifacts / "features_video.csv"):
        told = labels.get(row["video_id"], {})
        numbers = [_short(row.get(column, "")) for column in FEATURES.values()]
        yield [row["video_id"], *(told.get(column, "") for column in LABELS.values()), *numbers]


def _short(cell: str) -> str:
    return f"{float(cell):.2f}" if cell else "-"
