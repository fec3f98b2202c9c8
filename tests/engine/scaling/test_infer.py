"""The job infer: its tables, and that they are the same bytes after a stop."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
from pathlib import Path

import pytest
import torch
from pyarrow import parquet

from engine import checkpoints, launch
from engine.files import read_json
from engine.run import Run
from engine.vision import checkpoint, models
from engine.workspace import Workspace
from tests import lab
from tests.engine.scaling import clips
from tests.fakes.gcs import serve
from vmops import bucket as buckets

MODEL = "test_resnet"
CLASSES = {"perspective": ["addressed", "observed", "scene"], "distance": ["near", "far"]}
TABLES = ("model_predictions.csv", "model_predictions.parquet", "model_predictions_video.csv")
TABLES += ("model_predictions_video.parquet", "failures.csv", "low_confidence.csv", "summary.json")
ASKED = ("compute.device=cpu", "compute.backend=plain", "frames_per_video=6", "low_confidence=0.6")


def weights(folder: Path) -> list[str]:
    """Two classifiers with one trunk, each with its card beside."""
    folder.mkdir(exist_ok=True)
    torch.manual_seed(0)
    base = models.build(MODEL, 2).state_dict()
    for number, (name, classes) in enumerate(CLASSES.items()):
        torch.manual_seed(number)
        network = models.build(MODEL, len(classes))
        heads = models.head(MODEL)
        network.load_state_dict({key: value for key, value in base.items() if key not in heads}, strict=False)
        for key in heads:
            network.state_dict()[key].normal_(0, 0.5)
        checkpoint.save(folder / f"{name}.pth", network.state_dict())
        how = {"size": 96, "resize": "squash", "mean": [0.5] * 3, "std": [0.25] * 3}
        (folder / f"{name}.json").write_text(json.dumps({"model": MODEL, "classes": classes, "preprocess": how}))
    return [f"weights/{name}.pth" for name in CLASSES]


@pytest.fixture
def study(workspace: Workspace, videos: Path) -> Workspace:
    """A workspace with clips and two classifiers."""
    for path in videos.iterdir():
        shutil.copy(path, workspace.root / "videos")
    weights(workspace.root / "weights")
    return workspace


def infer(study: Workspace, *words: str) -> Run:
    named = f"models=[{', '.join(f'weights/{name}.pth' for name in CLASSES)}]"
    return launch.submit(study, "infer", "", "a test", [named, *ASKED, *words])


def tables(run: Run) -> dict[str, bytes]:
    return {name: (run.artifacts / name).read_bytes() for name in TABLES}


def rows(run: Run, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((run.artifacts / name).read_text().splitlines()))


def done(run: Run) -> int:
    """How many videos the run has told to be done."""
    lines = run.events.read_text().splitlines() if run.events.exists() else []
    told = [json.loads(line) for line in lines if '"unit":"videos"' in line]
    return int(told[-1]["done"]) if told else 0


@pytest.mark.timeout(300)  # three times torch is loaded
def test_tables_are_the_same_bytes_after_a_stop_in_the_middle(study: Workspace) -> None:
    whole = infer(study, "compute.processes=1")
    assert lab.ended(whole).state == "done", whole.log.read_text()

    store = study.root / "store"
    store.mkdir()
    run = infer(study, "compute.processes=2", "batch=5", "checkpoint_every=7", f"compute.checkpoints={store}")
    lab.until(lambda: done(run), "some videos are done")
    run.stop.touch()
    assert lab.ended(run).state == "stopped"
    kept = sum(len(path.read_bytes().splitlines()) for path in run.folder.glob("work/journal/*/*.jsonl"))
    assert 0 < kept < 64, "what was done is kept, and it was stopped in the middle"

    shutil.rmtree(run.folder / "work")  # as on another machine, which has only what is in the bucket
    assert checkpoints.restore(str(store), run.id, run.folder, lambda words: None, only_work=True)
    launch.resume(study, run)
    assert lab.ended(run).state == "done", run.log.read_text()
    assert tables(run) == tables(whole)
    check(whole)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_thousand_clips_from_a_bucket_through_ten_kills(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights(workspace.root / "weights")
    videos = clips.folder(tmp_path / "clips", 1000)
    chance, ends = random.Random(11), list[str]()
    with serve("study") as cloud:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", cloud.endpoint)
        bucket = buckets.open("gs://study/videos/01_filtered")
        for path in videos.iterdir():
            bucket.write(path.name, path.read_bytes())
        whole = infer(workspace, f"videos={videos}", "compute.processes=1")
        monkeypatch.setattr(lab, "PATIENCE_S", 900.0)
        lab.ended(whole)
        cloud.faults.often(0.03, "status", "cut before", "cut within", "corrupt", "hash")
        run = infer(workspace, "videos=gs://study/videos/01_filtered", "compute.processes=3", "batch=20")
        for number in range(11):
            further = done(run) + chance.randrange(5, 70)
            lab.until(lambda further=further: done(run) >= further, f"{further} videos are done")  # type: ignore[misc]
            os.kill(run.status().job_pid or 0, signal.SIGTERM if number == 5 else signal.SIGKILL)
            ends.append(lab.ended(run).state)
            launch.resume(workspace, run)
        assert lab.ended(run).state == "done", f"{ends} {run.log.read_text()}"
    assert len(ends) == 11 and "done" not in ends
    assert tables(run) == tables(whole)


def check(run: Run) -> None:
    """The tables say what they have to."""
    frames, told = rows(run, "model_predictions.csv"), rows(run, "model_predictions_video.csv")
    failed = {row["video_id"]: row["reason"] for row in rows(run, "failures.csv")}
    assert failed == clips.BROKEN
    assert [row["video_id"] for row in told] == sorted(f"clip{number:04}" for number in range(60))
    for row in frames[:50]:
        scores = {name: float(row[f"distance_p_{name}"]) for name in CLASSES["distance"]}
        assert row["distance_label"] == max(scores, key=lambda name: scores[name])
        assert float(row["distance_confidence"]) == max(scores.values())
        assert sum(scores.values()) == pytest.approx(1, abs=2e-4)
    first = [row for row in frames if row["video_id"] == "clip0007"]
    mean = sum(float(row["distance_p_near"]) for row in first) / len(first)
    of_video = next(row for row in told if row["video_id"] == "clip0007")
    assert float(of_video["distance_p_near"]) == pytest.approx(mean, abs=6e-5)
    assert int(of_video["frames"]) == len(first)
    table = parquet.read_table(run.artifacts / "model_predictions.parquet")
    assert table.num_rows == len(frames) and table.column("perspective_p_scene").type == "double"
    summary = read_json(run.artifacts / "summary.json")
    assert sum(summary["distance"]["labels"].values()) == 60
    metrics = run.status().metrics
    assert metrics["videos"] == 60 and metrics["videos_failed"] == 4 and metrics["frames_per_s"] > 0
    found = run.status().findings
    assert all(f"{name} {count} (" in found["distance"] for name, count in summary["distance"]["labels"].items())
    assert "of 60 videos below 0.6: clip" in found["distance"] and "mean confidence 0." in found["distance"]
    assert found["videos that failed"].startswith("4 of 64: ") and "1 no_video_stream (sound)" in str(found)
    log = run.log.read_text()
    assert "is the bottleneck" in found["what holds it up"] and "share all layers before" in log
