"""The status here of a run elsewhere: its words, our clock, and a verdict only when everything is here."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from engine import archive
from engine.board import HEARTBEAT_S
from engine.errors import RunError
from engine.locks import hold
from engine.remote.standing import Standing
from engine.run import BEGINS, UNFOLLOWED, Run, create
from engine.status import Status, to_json
from engine.workspace import Workspace


@pytest.fixture
def run(workspace: Workspace) -> Run:
    return create(workspace, "toy", "steps: 3\n", record={"machine": {"name": "gpu-1"}, "title": "a walk"})


@pytest.fixture
def standing(run: Run) -> Standing:
    return Standing(run, "gpu-1", lambda words: None)


def there(**facts: object) -> dict[str, object]:
    return to_json(replace(Status(state="running", attempt=1, host="far", heartbeat_at=time.time()), **facts))  # type: ignore[arg-type]


def test_a_new_run_for_a_machine_says_so_before_its_shepherd_is_there(run: Run) -> None:
    status = run.status()
    assert (status.state, status.machine, status.link, status.title) == ("pending", "gpu-1", BEGINS, "a walk")


def test_without_a_shepherd_it_is_as_last_known_and_never_lost(run: Run, standing: Standing) -> None:
    lock = hold(run.lock)
    standing.link("connected")
    standing.take(there(done=2, total=3))
    standing.write()
    assert (run.status().state, run.status().link) == ("running", "connected")
    assert lock is not None
    os.close(lock)
    status = run.status()
    assert (status.state, status.link, status.done) == ("running", UNFOLLOWED, 2)
    assert status.link_hint.startswith(f"footplate follow {run.id}")


def test_a_shepherd_on_another_host_lives_as_long_as_its_heartbeat(run: Run, standing: Standing) -> None:
    standing.link("connected")
    standing.set(shepherd_host="laptop")
    standing.write()
    assert run.status().link == "connected"


@pytest.mark.parametrize("skew_s", [-7200.0, 7200.0])
def test_a_machine_whose_clock_is_wrong_is_told_by_the_clock_here(run: Run, standing: Standing, skew_s: float) -> None:
    now = time.time()
    standing.skew_s = skew_s
    standing.take(there(started_at=now + skew_s, heartbeat_at=now + skew_s))
    standing.write()
    status = Standing(run, "gpu-1", print).status
    assert status.started_at == pytest.approx(now)
    assert abs(status.heartbeat_at - now) < 10 * HEARTBEAT_S


def test_clocks_that_almost_agree_are_left_as_they_are(standing: Standing) -> None:
    standing.skew_s = 0.4
    standing.take(there(started_at=1000.0))
    assert standing.status.started_at == 1000.0


def test_how_it_ended_is_told_only_when_all_of_it_is_here(run: Run, standing: Standing) -> None:
    standing.link("connected")
    standing.take(there())
    standing.take(there(state="done", exit_code=0, metrics={"loss": 0.5}))
    assert (standing.status.state, standing.verdict.state if standing.verdict else "") == ("running", "done")
    standing.add_flag("left_behind: gpu-0")
    standing.conclude()
    standing.link("")
    status = run.status()
    assert (status.state, status.exit_code, status.metrics) == ("done", 0, {"loss": 0.5})
    assert (status.machine, status.link, status.flags) == ("gpu-1", "", ("left_behind: gpu-0",))


def test_a_run_whose_machine_is_yet_to_be_stopped_is_not_archived(
    workspace: Workspace, run: Run, standing: Standing
) -> None:
    standing.take(there(state="done", exit_code=0))
    standing.conclude()
    standing.link("stopping the machine")
    with pytest.raises(RunError, match="something is left to do with gpu-1"):
        archive.archive(workspace, run)
    standing.link("")
    assert archive.archive(workspace, run).folder.parent == workspace.archive


def test_a_folder_that_somebody_took_away_is_not_brought_back(run: Run, standing: Standing) -> None:
    run.folder.rename(run.folder.with_name("elsewhere"))
    standing.link("connected")
    assert not run.folder.exists()


def test_a_fault_in_the_settings_of_machines_is_told_in_the_run(workspace: Workspace, run: Run) -> None:
    from engine.remote.__main__ import main

    (workspace.configs / "machines.yaml").write_text("zones: 5\n")
    assert main(run.folder) == 0
    status = run.status()
    assert (status.state, status.link) == ("failed", "")
    assert "machines.yaml:1: zones" in status.error
