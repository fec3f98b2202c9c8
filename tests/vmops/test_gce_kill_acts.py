"""Whoever starts, stops or deletes a machine may be killed at any instant; who asks again finds it done, once."""

from __future__ import annotations

import errno
import io
import json
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest

from tests.vmops.gce import Lab, lab
from tests.vmops.killing import context, died
from vmops import audit, durable, loopback
from vmops.worker import Worker


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    return context()


@pytest.fixture
def here(cloud: loopback.Cloud, tmp_path: Path) -> Lab:
    return lab(cloud, tmp_path / "machines")


@pytest.mark.parametrize(("act", "state"), [("stop", "stopped"), ("start", "running"), ("delete", "gone")])
def test_an_act_killed_at_any_instant_is_finished_by_the_next(
    processes: ForkServerContext, here: Lab, act: str, state: str
) -> None:
    for number, when in ((1, "before"), (1, "after"), (2, "before"), (2, "after")):
        here.gce.create("cpu", "gpu-1")
        if act == "start":
            here.gce.stop("gpu-1")
        assert died(processes, here, (act, "gpu-1"), number, when)
        before = len(audit.read(here.folder).lines)
        assert getattr(here.gce, act)("gpu-1").state == state
        assert audit.read(here.folder).lines[before:], "that it was done is audited by who finds it done"
        here.gce.delete("gpu-1")
    assert not died(processes, here, ("create", "cpu", "gpu-1"), 3, "before")


def test_a_stop_that_was_killed_before_it_was_asked_is_done_by_who_adopts(
    processes: ForkServerContext, here: Lab
) -> None:
    here.gce.create("cpu", "gpu-1")
    assert died(processes, here, ("stop", "gpu-1"), 1, "before")
    [there] = here.gce.adopt(here.say)
    assert (there.state, there.wanted, there.problem) == ("stopped", "stopped", "")


@pytest.mark.parametrize("act", ["delete", "start"])
def test_what_was_never_asked_is_not_said_to_be_wanted(processes: ForkServerContext, here: Lab, act: str) -> None:
    here.gce.create("cpu", "gpu-1")
    if act == "start":
        here.gce.stop("gpu-1")
    assert died(processes, here, (act, "gpu-1"), 1, "before")
    [there] = here.gce.adopt(here.say)
    assert there.wanted == "" and "never asked" in there.problem
    assert here.changes()[-1].startswith("POST") and here.there(), "nothing was asked of the cloud since"


# --- a full disk here ------------------------------------------------------------------------------------------------


@pytest.fixture
def full(here: Lab, monkeypatch: pytest.MonkeyPatch) -> Worker:
    """A worker whose disk is full, and a machine that runs."""

    def write(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    here.gce.create("cpu", "gpu-1")
    monkeypatch.setattr(durable, "write", write)
    monkeypatch.setattr(audit, "_write", write)
    return Worker(here.settings, here.folder, io.StringIO())


def answers(worker: Worker, **question: str) -> list[dict[str, Any]]:
    worker.answer(json.dumps({"id": 1, **question}))
    assert isinstance(worker._out, io.StringIO)
    return [json.loads(line) for line in worker._out.getvalue().splitlines() if "call" not in json.loads(line)]


def test_a_full_disk_here_does_not_keep_a_machine_running(here: Lab, full: Worker) -> None:
    *said, last = answers(full, do="stop", name="gpu-1")
    assert last["answer"]["state"] == "stopped" and here.cloud.machine("gpu-1")["status"] == "TERMINATED"
    assert any("not audited" in one["say"] for one in said) and any("not written down" in one["say"] for one in said)


def test_what_costs_is_not_asked_for_on_a_full_disk_and_says_why(here: Lab, full: Worker) -> None:
    before = here.changes()
    [*_, last] = answers(full, do="create", kind="cpu", name="gpu-2")
    assert last["kind"] == "DiskFull" and "No space left" in last["error"] and here.changes() == before
