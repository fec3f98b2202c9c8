"""What a job puts into its workspace on a machine comes into the one here, and overwrites nothing newer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import DataError
from engine.remote import publishing
from engine.remote.there import There
from engine.run import Run, create
from engine.workspace import Workspace
from vmops.ssh import Host

FAR = There(Host("gpu-1", "127.0.0.1"), "footplate/workspaces/study", "20260203-101522-frames-0000")


@pytest.fixture
def listed(workspace: Workspace) -> Run:
    """A run that has listed frames on a machine, and whose artifacts are here."""
    run = create(workspace, "frames", "", record={})
    (run.artifacts / "frames.csv").write_text("video_id,frame_index\na,1\n")
    (run.artifacts / "videos.json").write_text('{"format": 1, "videos": {}}')
    return run


def test_listed_frames_come_into_the_workspace_here(workspace: Workspace, listed: Run) -> None:
    publishing.frames(workspace, listed, FAR)
    publishing.frames(workspace, listed, FAR)  # as after a kill
    assert workspace.frames.read_text() == "video_id,frame_index\na,1\n"
    assert (workspace.root / "frames.json").exists()


def test_frames_that_were_listed_here_before_the_run_are_replaced(workspace: Workspace, listed: Run) -> None:
    workspace.frames.write_text("video_id,frame_index\n")
    os.utime(workspace.frames, (listed.created_at - 60, listed.created_at - 60))
    publishing.frames(workspace, listed, FAR)
    assert "a,1" in workspace.frames.read_text()


def test_frames_that_were_listed_here_meanwhile_stay(workspace: Workspace, listed: Run) -> None:
    workspace.frames.write_text("video_id,frame_index\nb,2\n")
    os.utime(workspace.frames, (listed.created_at + 60, listed.created_at + 60))
    with pytest.raises(DataError, match="changed while"):
        publishing.frames(workspace, listed, FAR)
    assert "b,2" in workspace.frames.read_text()


def test_a_round_whose_number_nobody_tells_is_not_published(workspace: Workspace, tmp_path: Path) -> None:
    run = create(workspace, "round", "", record={})
    (run.artifacts / "metrics.json").write_text("{}")
    with pytest.raises(DataError, match="names no round"):
        publishing.rounds(workspace, run, FAR)
