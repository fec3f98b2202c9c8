"""A notice of preemption and a real run: the watchdog, the supervisor and the job's process, to the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import events, launch
from engine.files import read_json
from engine.workspace import Workspace
from tests import lab
from tests.fakes.metadata import Metadata, metadata
from vmops import watchdog

STEPS = ("steps=120", "seconds_per_step=0.02")


@pytest.fixture
def notices() -> Iterator[Metadata]:
    with metadata() as server:
        yield server


@pytest.fixture
def watched(workspace: Workspace, notices: Metadata, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A watchdog that watches this workspace's runs."""
    settings = tmp_path / "watchdog.json"
    known = {"folder": str(tmp_path / "dog"), "stop_glob": str(workspace.runs / "*"), "metadata": notices.url}
    settings.write_text(json.dumps({**known, "idle_minutes": None, "ssh_port": 1}))
    dog = subprocess.Popen([sys.executable, watchdog.__file__, "run", str(settings)])
    yield dog
    dog.kill()
    dog.wait()


def test_a_notice_ends_a_run_as_preempted_at_a_checkpoint(
    workspace: Workspace, notices: Metadata, watched: subprocess.Popen[bytes]
) -> None:
    run = lab.toy(workspace, *lab.ENDLESS)
    lab.working(run)
    notices.preempt()
    status = lab.ended(run)
    assert (status.state, status.exit_code, status.error) == ("preempted", 3, "")
    found, _ = events.read(run.events)
    assert any(isinstance(event, events.Failure) and event.stopped for event in found)


def test_a_preempted_run_goes_on_and_makes_what_it_would_have_made(
    workspace: Workspace, notices: Metadata, watched: subprocess.Popen[bytes]
) -> None:
    whole = lab.toy(workspace, *STEPS)
    assert lab.ended(whole).state == "done"
    run = lab.toy(workspace, *STEPS)
    lab.working(run)
    notices.preempt()
    assert lab.ended(run).state == "preempted"
    told = [event.done for event in events.read(run.events)[0] if isinstance(event, events.Progress)]
    kept = len(read_json(run.folder / "work" / "path.json")["path"]) - 1
    assert kept >= told[-1] > 0, "no item that was told as done is lost"
    watched.kill()  # the machine is gone, and comes again
    launch.resume(workspace, run)
    assert lab.ended(run).state == "done" and lab.made(run) == lab.made(whole)


def test_a_run_that_waits_for_a_device_is_preempted_too(
    workspace: Workspace, notices: Metadata, watched: subprocess.Popen[bytes]
) -> None:
    first = lab.toy(workspace, *lab.ENDLESS)
    lab.working(first)
    second = lab.toy(workspace, *lab.ENDLESS)
    lab.waiting(second)
    notices.preempt()
    assert {lab.ended(first).state, lab.ended(second).state} == {"preempted"}


def test_a_job_that_does_not_come_to_its_checkpoint_in_time_is_preempted_all_the_same(
    workspace: Workspace, notices: Metadata, watched: subprocess.Popen[bytes]
) -> None:
    run = lab.toy(workspace, "steps=2", "seconds_per_step=600")
    pid = lab.until(lambda: run.status().job_pid, "its job's process is there")
    lab.until(lambda: lab.says(run, "Phase"), "it is in its first step")
    notices.preempt()
    lab.until(run.stop.exists, "it is asked")
    os.kill(pid, signal.SIGKILL)
    assert lab.ended(run).state == "preempted"
