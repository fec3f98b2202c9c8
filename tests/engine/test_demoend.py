"""No run outlives its demo: also one that does not hear, and one whose machine has gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from engine import demoend
from engine.files import write_json
from engine.run import Run, create, held
from engine.status import Status, to_json
from engine.workspace import Workspace
from tests import lab

SHEPHERD = """
import sys, time
from pathlib import Path
from engine.locks import hold
lock = hold(Path(sys.argv[1]) / "lock")
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demoend, "STOP_S", 0.3)


@pytest.fixture
def elsewhere(workspace: Workspace) -> Iterator[Run]:
    """A run of a machine that has gone, with what follows it still there."""
    run = create(workspace, "toy", "steps: 3\n", record={"machine": {"name": "gone"}})
    write_json(run.status_file, to_json(Status(state="running", attempt=1, machine="gone", link="out of touch")))
    following = subprocess.Popen(
        [sys.executable, "-c", SHEPHERD, str(run.folder)], env={**os.environ, "PYTHONPATH": str(lab.ROOT)}
    )
    lab.until(lambda: held(run.lock), "somebody follows it")
    yield run
    following.kill()
    following.wait()


def test_a_run_whose_supervisor_does_not_hear_is_ended_with_all_its_processes(workspace: Workspace) -> None:
    run = lab.toy(workspace, *lab.ENDLESS)
    status = lab.working(run)
    os.kill(status.pid or 0, signal.SIGSTOP)  # as one that gets no time on a busy machine
    assert demoend.stop_all([run]) == 1
    assert lab.gone(status.pid) and lab.gone(status.job_pid)
    assert (run.status().state, run.status().error) == ("stopped", demoend.WHY)


def test_a_run_whose_machine_has_gone_is_followed_by_nobody_any_more(elsewhere: Run) -> None:
    demoend.kill(elsewhere)
    assert not held(elsewhere.lock)
    assert (elsewhere.status().state, elsewhere.status().link) == ("stopped", "")


def test_a_run_that_is_over_stays_as_it_is(done: Run) -> None:
    assert demoend.stop_all([done]) == 0
    demoend.kill(done)
    assert done.status().state == "done"
