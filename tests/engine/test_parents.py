"""A run waits for the runs whose results it takes, and holds no device meanwhile."""

from __future__ import annotations

import threading

import pytest

from engine import launch, parents
from engine.errors import Stopped
from engine.run import Run, request_stop
from engine.specs.infer import Infer
from engine.workspace import Workspace
from tests.lab import ENDLESS, QUICK, ended, toy, until, waiting, working


def infer(workspace: Workspace, made_from: Run) -> Run:
    return launch.submit(workspace, "infer", "", "a test", [f"models=run:{made_from.id}"])


def test_the_runs_of_a_spec_are_those_that_it_refers_to_and_that_are_there(workspace: Workspace) -> None:
    run = toy(workspace, *QUICK)
    ended(run)
    spec = Infer(models=(f"run:{run.id}/a.pth", "run:20200101-000000-toy-0000"), title=f"run:{run.id}/title")
    assert parents.of(spec, workspace) == [run]
    assert parents.of(Infer(models=("weights/a.pth",), title=f"run:{run.id}"), workspace) == []


def test_a_run_of_which_only_the_results_were_sent_here_is_not_waited_for(workspace: Workspace) -> None:
    name = "20260101-000000-finetune-abcd"
    (workspace.runs / name / "artifacts").mkdir(parents=True)
    assert parents.of(Infer(models=(f"run:{name}/a.pth",)), workspace) == []


def test_a_run_that_goes_on_is_waited_for_until_it_is_done(workspace: Workspace) -> None:
    run, heard = toy(workspace, "steps=30", "seconds_per_step=0.02"), list[str]()
    waits = threading.Thread(
        target=parents.wait, args=([run],), kwargs={"stopping": lambda: False, "waiting": heard.append}
    )
    waits.start()
    until(lambda: heard, "it waits")
    waits.join()
    assert run.status().state == "done" and heard == [f"{run.id} to end, whose results it takes"]


def test_whoever_waits_for_a_run_can_be_stopped(workspace: Workspace) -> None:
    run = toy(workspace, *ENDLESS)
    with pytest.raises(Stopped, match=run.id):
        parents.wait([run], stopping=lambda: True, waiting=lambda _: None)


def test_it_waits_without_a_ticket_and_fails_when_the_other_does_not_get_done(workspace: Workspace) -> None:
    run = toy(workspace, *ENDLESS)
    working(run)
    second = infer(workspace, run)
    assert run.id in waiting(second).waiting_for
    third = toy(workspace, *QUICK)
    assert second.id not in waiting(third).waiting_for  # nobody is behind who could not begin
    request_stop(run)
    assert ended(third).state == "done"
    status = ended(second)
    assert status.state == "failed" and f"{run.id}, whose results it takes, ended as stopped" in status.error
    assert status.hint == f"footplate resume {run.id}, and then this one"


def test_a_run_that_ended_before_keeps_nobody_whatever_became_of_it(workspace: Workspace) -> None:
    run = toy(workspace, *QUICK, "fail_at=2")
    ended(run)
    heard: list[str] = []
    parents.wait([run], stopping=lambda: False, waiting=heard.append)
    assert heard == []
