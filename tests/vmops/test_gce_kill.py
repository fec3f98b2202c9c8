"""Whoever asks for a machine may be killed at any instant: there is one afterwards, never two and never a lost one."""

from __future__ import annotations

import time
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.vmops.gce import Lab, lab
from tests.vmops.killing import DEADLINE_S, context, died, dying
from vmops import audit, loopback
from vmops.journal import Journal


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    return context()


@pytest.fixture
def here(cloud: loopback.Cloud, tmp_path: Path) -> Lab:
    return lab(cloud, tmp_path / "machines")


def zones_of(here: Lab, name: str) -> list[str]:
    return [zone for found, zone in here.there() if found == name]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_creation_killed_at_any_instant_is_finished_by_the_next_with_one_machine(
    processes: ForkServerContext, here: Lab, when: str
) -> None:
    number = 1
    while True:
        (here.folder / "stockouts.json").unlink(missing_ok=True)
        here.cloud.faults.stock_out("us-central1-a", times=1)  # so it is killed on its way to another zone, too
        name = f"gpu-{number}"
        if not died(processes, here, ("create", "cpu", name), number, when):
            break
        made = here.gce.create("cpu", name, here.say)
        assert made.state == "running" and zones_of(here, name) == [made.zone]
        entry = here.gce._cloud.journal.read(name)
        assert entry and entry.over and not entry.error
        here.gce.delete(name)
        number += 1
    assert number == 5  # ask, wait, ask in the next zone, wait


def test_the_question_is_on_the_disk_before_it_is_asked(processes: ForkServerContext, here: Lab) -> None:
    assert died(processes, here, ("create", "cpu", "gpu-1"), 1, "after")
    entry = Journal(here.folder / "operations").read("gpu-1")
    assert entry and not entry.over and not entry.operation  # it never saw the answer
    assert entry.request == here.inserting()[0].query["requestId"] and entry.zone == "us-central1-a"
    here.gce.create("cpu", "gpu-1")
    assert len({one.query["requestId"] for one in here.inserting()}) == 1


def test_what_was_asked_for_and_not_waited_for_is_adopted(processes: ForkServerContext, here: Lab) -> None:
    here.cloud.faults.slow("/wait$", 30)
    process = processes.Process(target=dying, args=(here.settings, here.folder, ("create", "cpu", "gpu-1"), 0, ""))
    process.start()
    journal, end = Journal(here.folder / "operations"), time.monotonic() + DEADLINE_S
    while not ((entry := journal.read("gpu-1")) and entry.operation) and time.monotonic() < end:
        time.sleep(0.02)
    process.kill()
    process.join(DEADLINE_S)
    here.cloud.faults.clear()
    assert [machine.name for machine in here.gce.adopt(here.say)] == ["gpu-1"]
    assert here.gce.adopt(here.say) == [] and len(here.inserts()) == 1
    assert [line.act for line in audit.read(here.folder, machine="gpu-1").lines] == ["asked", "created"]


def test_adopting_never_asks_for_a_machine(processes: ForkServerContext, here: Lab) -> None:
    assert died(processes, here, ("create", "cpu", "gpu-1"), 1, "before")
    journal = Journal(here.folder / "operations")
    assert journal.everything() and here.gce.adopt(here.say) == []
    assert not here.inserts() and here.there() == []
    entry = journal.read("gpu-1")
    assert entry and entry.over and "never came about" in entry.error


def test_two_processes_that_want_the_same_machine_get_one(processes: ForkServerContext, here: Lab) -> None:
    words = ("create", "cpu", "gpu-1")
    both = [processes.Process(target=dying, args=(here.settings, here.folder, words, 0, "")) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(DEADLINE_S)
    assert [process.exitcode for process in both] == [0, 0]
    assert here.there() == [("gpu-1", "us-central1-a")] and len(here.inserts()) == 1


def test_a_machine_killed_on_its_way_and_deleted_is_not_made_again(processes: ForkServerContext, here: Lab) -> None:
    assert died(processes, here, ("create", "cpu", "gpu-1"), 1, "after")
    assert here.gce.delete("gpu-1").state == "gone"
    assert here.there() == [] and here.gce.adopt(here.say) == [] and here.there() == []


def test_a_machine_that_was_made_unseen_and_deleted_elsewhere_is_made_anew(
    processes: ForkServerContext, here: Lab, tmp_path: Path
) -> None:
    assert died(processes, here, ("create", "cpu", "gpu-1"), 2, "after")
    lab(here.cloud, tmp_path / "another").gce.delete("gpu-1")
    assert here.gce.create("cpu", "gpu-1", here.say).state == "running"
    assert len(here.there()) == 1


@pytest.mark.parametrize(
    ("metric", "regions"), [("PREEMPTIBLE_NVIDIA_T4_GPUS", ["us-central1"]), ("GPUS_ALL_REGIONS", [])]
)
def test_a_machine_that_was_made_unseen_is_not_short_of_the_quota_that_it_uses_itself(
    processes: ForkServerContext, here: Lab, metric: str, regions: list[str]
) -> None:
    here.cloud.faults.quota(metric, 1, *regions)
    assert died(processes, here, ("create", "t4-spot", "gpu-1"), 1, "after")
    made = here.gce.create("t4-spot", "gpu-1", here.say)
    assert here.there() == [("gpu-1", made.zone)]
    entry = here.gce._cloud.journal.read("gpu-1")
    assert entry and entry.over and not entry.error
