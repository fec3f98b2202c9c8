"""Checkpoints of a bucket come back before a run goes on elsewhere."""

from __future__ import annotations

from pathlib import Path

from engine import checkpoints
from engine.remote import restoring
from engine.run import request_stop
from engine.workspace import Workspace
from tests.lab import ended, toy, working


def test_work_comes_back_from_the_bucket_that_the_spec_names(workspace: Workspace, tmp_path: Path) -> None:
    bucket = tmp_path / "bucket"
    bucket.mkdir()
    run = toy(workspace, "steps=500", "seconds_per_step=0.02", f"compute.checkpoints={bucket}")
    working(run)
    request_stop(run)
    assert ended(run).state == "stopped"
    kept = (run.folder / "work" / "path.json").read_bytes()
    assert [one.run for one in checkpoints.saved(str(bucket))] == [run.id]
    (run.folder / "work" / "path.json").unlink()
    said: list[str] = []
    restoring.work(run, said.append)
    assert (run.folder / "work" / "path.json").read_bytes() == kept
    assert "taken back" in said[0]


def test_without_a_bucket_it_is_told_that_there_is_none(workspace: Workspace) -> None:
    run = toy(workspace, "steps=2", "seconds_per_step=0")
    ended(run)
    said: list[str] = []
    restoring.work(run, said.append)
    assert "no bucket of checkpoints" in said[0]
