"""The demo lab: real runs within seconds, and nothing is left when the screens are gone, however they went."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine import demolab
from engine.annotations.frames import units
from engine.errors import FootplateError
from engine.run import Run, listing
from engine.workspace import FILE, Workspace
from tests import lab
from tui.services import demolab as service
from tui.services.demolab import DemoLab

OWNER = """
import sys, time
from tui.services.demolab import DemoLab
lab = DemoLab(sys.argv[1])
lab.start()
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in demolab.environment(Path()):
        monkeypatch.setenv(name, os.environ[name])  # so that what the lab sets is taken back


def _titles(workspace: Workspace) -> dict[str, Run]:
    return {run.status().title: run for run in listing(workspace)}


def _processes(workspace: Workspace) -> list[int]:
    found = (run.status() for run in listing(workspace))
    return [pid for status in found for pid in (status.pid, status.job_pid) if pid]


def test_runs_of_many_kinds_come_and_all_is_gone_when_one_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "LEAVE_S", 100.0)  # on a busy machine too, all of it
    made = DemoLab(str(tmp_path / "kept"))
    workspace = Workspace(made.root)
    assert made.step() == 1.0
    states = {"lr 0.1": "done", "too long a step": "failed", "stopped half way": "stopped", "on from lr 0.1": "done"}

    def as_told() -> bool:
        found = _titles(workspace)
        return all(title in found and found[title].status().state == state for title, state in states.items())

    lab.until(as_told, "runs of every kind")
    found = _titles(workspace)
    assert len(units(workspace)) == 48 and not workspace.labels.exists()  # frames to label, by nobody yet
    assert found["too long a step"].status().error.endswith("the walk has left the bowl, x is inf")
    assert found["on from lr 0.1"].parents() == [found["lr 0.1"].id]
    assert {entry["name"] for entry in found["lr 0.1"].status().artifacts} == {
        "path.csv", "result.json", "walk.png", "report.txt",
    }  # fmt: skip
    assert [found[title].status().criteria[0].passed for title in ("lr 0.1", "lr 0.01")] == [True, False]
    lab.until(lambda: lab.says(found["a long walk"], "Progress") > 2, "one moves")
    lab.until(lambda: "in the queue" in _titles(workspace), "one that waits")
    pids = _processes(workspace)
    assert "is kept" in made.leave() and (made.root / FILE).exists()
    lab.until(lambda: all(map(lab.gone, pids)), "all processes to end")
    assert not [run.id for run in listing(workspace) if run.status().active]


def test_who_is_killed_leaves_no_run_behind(tmp_path: Path) -> None:
    root = tmp_path / "kept"
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(root)])
    workspace = Workspace(root)
    lab.until(lambda: "a long walk" in _titles(workspace), "the first run")
    run = _titles(workspace)["a long walk"]
    lab.working(run)
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    assert lab.ended(run).state == "stopped"
    lab.until(lambda: all(map(lab.gone, _processes(workspace))), "all processes to end")


def test_a_workspace_that_is_there_is_not_taken(workspace: Workspace) -> None:
    with pytest.raises(FootplateError, match="a workspace already"):
        DemoLab(str(workspace.root))


def test_a_lab_that_ends_by_itself_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = DemoLab(str(tmp_path / "x"))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    made.step()
    assert made._player is not None
    made._player.wait()
    with pytest.raises(FootplateError, match="it has ended"):
        made.step()


def test_no_run_of_the_lab_goes_on_for_more_than_a_few_minutes() -> None:
    for scene in (*demolab.OPENING, *demolab.later()):
        asked = dict(word.split("=", 1) for word in scene.asked)
        assert float(asked["steps"]) * float(asked["seconds_per_step"]) <= 180.0, scene.title
