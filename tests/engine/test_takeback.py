"""A run goes on elsewhere from a bucket: whole where it never was, its work where that is gone; pruned when done."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engine import checkpoints, launch, takeback
from engine.__main__ import main
from engine.errors import AskError, RunError
from engine.init import make
from engine.run import Run, request_stop
from engine.saver import Saver
from engine.workspace import Workspace
from tests.lab import ended, until
from vmops import bucket

STEPS = 100


@pytest.fixture
def url(tmp_path: Path) -> str:
    (tmp_path / "kept").mkdir()
    return str(tmp_path / "kept")


def toy(workspace: Workspace, url: str | None, steps: int = STEPS) -> Run:
    """A run that was stopped in its middle."""
    words = [f"steps={steps}", "seconds_per_step=0.01", f"compute.checkpoints={url or 'null'}"]
    run = launch.submit(workspace, "toy", "", "a test", words)
    until(lambda: (run.folder / "work" / "path.json").exists(), "a checkpoint")
    request_stop(run)
    assert ended(run).state == "stopped"
    return run


def path(run: Run) -> bytes:
    return (run.folder / "work" / "path.json").read_bytes()


def told(capsys: pytest.CaptureFixture[str]) -> str:
    found = capsys.readouterr()
    return found.out + found.err


def test_a_run_whose_work_is_gone_takes_it_from_its_bucket_by_itself(workspace: Workspace, url: str) -> None:
    run = toy(workspace, url)
    kept = path(run)
    shutil.rmtree(run.folder / "work")
    said: list[str] = []
    takeback.if_missing(run, said.append)
    assert path(run) == kept and "taken back, as saved at" in said[0]
    takeback.if_missing(run, said.append)  # it is here now: nobody is asked
    assert len(said) == 1


def test_what_is_here_gives_way_to_the_bucket_when_that_is_asked(
    workspace: Workspace, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = toy(workspace, url)
    kept = path(run)
    (run.folder / "work" / "path.json").write_text("damaged")
    said: list[str] = []
    takeback.work(run, "", said.append)
    assert path(run) == kept and "taken back" in said[0]
    with pytest.raises(AskError, match="names no bucket"):
        takeback.work(toy(workspace, None), "", said.append)


def test_a_bucket_that_cannot_be_read_begins_no_run_anew(workspace: Workspace, url: str) -> None:
    run = toy(workspace, url)
    shutil.rmtree(run.folder / "work")
    shutil.rmtree(url)
    with pytest.raises(RunError, match="not taken back"):
        launch.resume(workspace, run)
    assert run.status().state == "stopped"


@pytest.mark.slow
def test_a_run_goes_on_in_a_workspace_where_it_never_was(
    workspace: Workspace, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = toy(workspace, url)
    Saver(run.folder, bucket.open(url)).save()
    elsewhere = make(tmp_path / "elsewhere", name="elsewhere")
    there = ["-w", str(elsewhere.root)]
    assert main(["resume", run.id, *there, "--from-bucket"]) == 2
    assert "--from-bucket gs://NAME/checkpoints" in told(capsys)
    assert main(["resume", run.id, *there, "--from-bucket", url]) == 0
    found = Run(elsewhere.runs / run.id)
    assert found.status().state == "done" and found.status().attempt == 2
    assert launch.resume(workspace, run) and ended(run).state == "done"
    assert (found.artifacts / "result.json").read_bytes() == (run.artifacts / "result.json").read_bytes()


def test_what_was_at_work_when_it_was_saved_is_preempted_when_it_is_taken_back(
    workspace: Workspace, url: str, tmp_path: Path
) -> None:
    run = toy(workspace, None)
    status = json.loads(run.status_file.read_text())
    run.status_file.write_text(json.dumps({**status, "state": "running", "ended_at": None}))
    Saver(run.folder, bucket.open(url)).save()
    elsewhere = make(tmp_path / "elsewhere", name="elsewhere")
    found = takeback.whole(elsewhere, run.id, url, lambda _words: None)
    assert found.status().state == "preempted" and found.status().ended_at
    assert path(found) == path(run)


def test_a_taking_back_that_was_killed_is_done_again(workspace: Workspace, url: str, tmp_path: Path) -> None:
    run = toy(workspace, None)
    Saver(run.folder, bucket.open(url)).save()
    elsewhere = make(tmp_path / "elsewhere", name="elsewhere")
    left = Run(elsewhere.runs / run.id)
    (left.folder / ".restored" / "work").mkdir(parents=True)
    (left.folder / "run.json").write_text("{}")
    assert takeback.whole(elsewhere, run.id, url, lambda _words: None).spec.is_file()
    assert not (left.folder / ".restored").exists()


def test_what_was_never_saved_and_what_is_no_run_are_told(workspace: Workspace, url: str) -> None:
    with pytest.raises(AskError, match="was never saved"):
        takeback.whole(workspace, "20260203-101522-toy-3f9c", url, lambda _words: None)
    with pytest.raises(RunError, match="id"):
        takeback.whole(workspace, "gone", url, lambda _words: None)
    assert not (workspace.runs / "20260203-101522-toy-3f9c").exists()


def test_checkpoints_of_what_is_done_are_pruned_and_others_stay(
    workspace: Workspace, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stopped, done = toy(workspace, url), toy(workspace, url, 60)
    done.status_file.write_text(json.dumps({**json.loads(done.status_file.read_text()), "state": "done"}))
    there = ["-w", str(workspace.root), "--json"]
    assert main(["checkpoints", *there]) == 0
    assert {one["run"]: one["state"] for one in json.loads(capsys.readouterr().out)} == {
        stopped.id: "stopped", done.id: "done"}  # fmt: skip
    assert main(["checkpoints", "--prune", *there]) == 2  # its name was not typed
    assert main(["checkpoints", "--older-than", "30", *there]) == 2  # of what is only told
    capsys.readouterr()
    assert main(["checkpoints", "--prune", "--yes", url, *there]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": [done.id]}
    assert [one.run for one in checkpoints.saved(url)] == [stopped.id]
    assert main(["checkpoints", "--prune", "--older-than", "30", "--dry-run", *there]) == 0
    assert json.loads(capsys.readouterr().out) == {"would": []}
