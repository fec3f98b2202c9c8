"""Whose turn it is on a device."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from engine import slots
from engine.errors import DeviceError, Stopped
from engine.locks import held, hold
from tests.lab import ROOT, until

TWO = ["cuda-0", "cuda-1"]


class Waiter:
    """Somebody who wants a device, in a thread; a lock belongs to an open file and not to a process."""

    def __init__(self, who: str, fit: list[str]) -> None:
        self.words: list[str] = []
        self.slot: slots.Slot | None = None
        self.error: Exception | None = None
        self.leaving, self.finished = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._go, args=(who, fit), daemon=True)
        self.thread.start()

    def _go(self, who: str, fit: list[str]) -> None:
        try:
            with slots.take(who, fit, stopping=self.leaving.is_set, waiting=self.words.append) as self.slot:
                self.finished.wait()
        except Stopped as error:
            self.error = error

    def waits(self) -> Waiter:
        until(lambda: self.words, "it waits")
        return self

    def has(self) -> str:
        return until(lambda: self.slot, "its turn comes").name

    def end(self) -> None:
        self.finished.set()
        self.leaving.set()
        self.thread.join()


@pytest.fixture
def folder(slots: Path) -> Path:
    """Where this test's devices are."""
    return slots


@pytest.fixture
def want() -> Iterator[object]:
    with ExitStack() as everybody:

        def one(who: str, fit: list[str]) -> Waiter:
            waiter = Waiter(who, fit)
            everybody.callback(waiter.end)
            return waiter

        yield one


def tickets(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("ticket-*"))


@contextmanager
def occupied(folder: Path, *names: str) -> Iterator[None]:
    """Devices that others use."""
    folder.mkdir(exist_ok=True)
    locks = [hold(folder / name) for name in names]
    assert None not in locks
    try:
        yield
    finally:
        for lock in locks:
            os.close(lock or -1)


def test_two_runs_use_two_devices_side_by_side_and_the_third_waits(want, folder: Path) -> None:
    first, second = want("first", TWO), want("second", TWO)
    assert {first.has(), second.has()} == {"cuda-0", "cuda-1"}
    third = want("third", TWO).waits()
    for name in (first, second):
        assert f"{name.has().replace('-', ' ')} (in use by {'first' if name is first else 'second'})" in third.words[-1]
    second.end()
    assert third.has() == second.has()


def test_each_sees_only_its_own_device() -> None:
    assert [slots.Slot(name).environment["CUDA_VISIBLE_DEVICES"] for name in (*TWO, "cpu-0")] == ["0", "1", ""]
    assert [slots.Slot(name).device for name in (*TWO, "cpu-0")] == ["cuda:0", "cuda:0", "cpu"]
    assert slots.Slot("cuda-1").environment["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"


def test_who_came_first_is_served_first(want, folder: Path) -> None:
    with occupied(folder, "cpu-0"):
        queue = [want(f"run-{n}", ["cpu-0"]).waits() for n in range(4)]
        until(lambda: "3 ahead: run-0, run-1, run-2" in queue[-1].words[-1], "the last one tells who is ahead")
        assert "cpu 0 (in use by another process)" in queue[0].words[-1]
    for waiter in queue:
        assert waiter.has() == "cpu-0"
        assert sum(other.slot is not None for other in queue) == queue.index(waiter) + 1
        waiter.end()
    assert tickets(folder) == []


def test_nobody_takes_a_device_that_an_earlier_one_could_take(want, folder: Path) -> None:
    with occupied(folder, "cuda-0"):
        picky = want("picky", ["cuda-0"]).waits()
        assert want("easy", TWO).has() == "cuda-1"
    assert picky.has() == "cuda-0"


def test_a_device_that_is_kept_for_those_ahead_is_not_said_to_be_in_use(want, folder: Path) -> None:
    folder.mkdir()
    (folder / "cuda-0").write_text("somebody who crashed")
    ticket = folder / "ticket-000000001"
    ticket.write_text("first\ncuda-0")
    with occupied(folder, ticket.name):
        assert want("second", ["cuda-0"]).waits().words == ["cuda 0 (free), 1 ahead: first"]


def test_a_wait_ends_when_it_is_asked_to(want, folder: Path) -> None:
    with occupied(folder, "cpu-0"):
        waiter = want("run", ["cpu-0"]).waits()
        waiter.leaving.set()
        waiter.thread.join()
        assert isinstance(waiter.error, Stopped)
        assert tickets(folder) == []


DIE = """
import sys
from engine import slots
with slots.take("dead", ["cpu-0"], stopping=lambda: False, waiting=lambda words: print(words, flush=True)) as slot:
    print("has it", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def mortal() -> Iterator[subprocess.Popen[str]]:
    """A process that wants the processor."""
    command = [sys.executable, "-c", DIE]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_who_dies_while_waiting_leaves_nothing_in_the_way(want, folder: Path, mortal: subprocess.Popen[str]) -> None:
    with occupied(folder, "cpu-0"):
        assert mortal.stdout
        assert "in use by another process" in mortal.stdout.readline()
        behind = want("behind", ["cpu-0"]).waits()
        until(lambda: "1 ahead: dead" in behind.words[-1], "it tells who is ahead")
        mortal.send_signal(signal.SIGKILL)
        mortal.wait()
        until(lambda: "ahead" not in behind.words[-1], "it has noticed")
        assert len(tickets(folder)) == 1
    assert behind.has() == "cpu-0"


def test_who_dies_at_work_frees_its_device(want, folder: Path, mortal: subprocess.Popen[str]) -> None:
    assert mortal.stdout
    assert mortal.stdout.readline() == "has it\n"
    behind = want("behind", ["cpu-0"]).waits()
    assert behind.words[-1] == "cpu 0 (in use by dead)"
    mortal.send_signal(signal.SIGKILL)
    mortal.wait()
    assert behind.has() == "cpu-0"


def test_a_released_device_forgets_its_holder(want, folder: Path) -> None:
    first = want("first", ["cpu-0"])
    first.has()
    first.end()
    assert not held(folder / "cpu-0")
    assert (folder / "cpu-0").read_text() == ""


def test_files_of_others_in_the_folder_are_in_nobodys_way(want, folder: Path) -> None:
    folder.mkdir()
    for name in ("ticket-abc", "ticket-1", "ticket-0000000001.swp", "notes"):
        (folder / name).touch()
    assert want("run", ["cpu-0"]).has() == "cpu-0"


def test_fitting_devices() -> None:
    known = ["cuda-0", "cuda-1", "cuda-10", "cpu-0", "cpu-1"]
    assert slots.fitting("cuda", known) == ["cuda-0", "cuda-1", "cuda-10"]
    assert slots.fitting("cuda:1", known) == ["cuda-1"]
    assert slots.fitting("cpu", known) == ["cpu-0", "cpu-1"]


def test_a_device_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(DeviceError, match="no device 'cuda' on this machine") as raised:
        slots.fitting("cuda", ["cpu-0"])
    assert raised.value.hint == "there are: cpu-0; compute.device: auto takes what there is"


def test_devices_are_the_gpus_and_slots_of_the_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTPLATE_CPU_SLOTS", "2")
    assert slots.devices([0, 3]) == ["cuda-0", "cuda-3", "cpu-0", "cpu-1"]
    monkeypatch.delenv("FOOTPLATE_CPU_SLOTS")
    assert "cpu-0" in slots.devices([])


def test_a_number_of_slots_that_is_none_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTPLATE_CPU_SLOTS", "two")
    with pytest.raises(DeviceError, match="FOOTPLATE_CPU_SLOTS: expected a whole number, got 'two'"):
        slots.devices([])


def test_users_do_not_share_a_folder_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOOTPLATE_SLOTS")
    assert slots.folder().name == f"footplate-slots-{os.getuid()}"
