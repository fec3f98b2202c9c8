"""What goes to a machine with a run that goes on there: never older checkpoints in the place of newer ones."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from engine.files import write_json
from engine.remote import far, sending
from engine.remote.there import There
from engine.run import Run, create
from engine.workspace import Workspace
from vmops.ssh import Host

FAR = There(Host("gpu-1", "127.0.0.1"), "footplate/workspaces/study", "20260203-101522-toy-0000")
KNOWN = {"events.jsonl": 0, "log.txt": 3}


@pytest.fixture
def run(workspace: Workspace) -> Run:
    """One whose first attempt is over, with a checkpoint of second 1000."""
    made = create(workspace, "toy", "steps: 3\n", record={})
    write_json(made.status_file, {"state": "stopped", "attempt": 1})
    made.log.write_text("step")
    (made.folder / "work").mkdir()
    (made.folder / "work" / "path.json").write_text("{}")
    os.utime(made.folder / "work" / "path.json", (1000, 1000))
    return made


def seen(attempt: int, work_at: float) -> dict[str, Any]:
    return {"status": {"attempt": attempt}, "work_at": work_at, "sizes": KNOWN}


@pytest.mark.parametrize(
    ("there", "older"),
    [(seen(1, 2000.0), False), (seen(1, 1000.0), False), (seen(2, 500.0), False),
     (seen(1, 500.0), True), (seen(0, 2000.0), True), (seen(1, 0.0), True)],
)  # fmt: skip
def test_checkpoints_there_are_replaced_only_where_they_are_older(run: Run, there: dict[str, Any], older: bool) -> None:
    assert sending.has_older_work(run, there) == older


@pytest.mark.parametrize("ours", [True, False])
def test_a_shorter_log_there_is_no_reason_to_overwrite_newer_checkpoints(
    run: Run, monkeypatch: pytest.MonkeyPatch, ours: bool
) -> None:
    pushed = []
    monkeypatch.setattr(sending.sync, "push", lambda host, source, *_, **__: pushed.append(Path(source).name))
    monkeypatch.setattr(There, "ready", lambda *_: None)
    sending.folder(FAR, run, 2, KNOWN, [], with_work=ours)
    assert ("work" in pushed, "artifacts" in pushed) == (ours, ours)
    assert ".sending" in pushed


def test_a_machine_tells_how_new_its_checkpoints_are(run: Run) -> None:
    assert far.look(str(run.folder))["work_at"] == 1000.0
    (run.folder / "work" / "path.json").unlink()
    assert far.look(str(run.folder))["work_at"] == 0.0
