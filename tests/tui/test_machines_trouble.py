"""Machines on the screens while the cloud is away, and while somebody waits for an act."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from engine import code
from engine.remote.wish import Wish
from engine.workspace import Workspace
from tests.tui import rented
from tests.tui.helpers import LARGE, SMALL, Moving, opened, sees, until, words
from tests.tui.rented import SmallDesk, machine
from tui import machinewords, machining
from tui.screens import machines_known
from tui.screens.creating import Creating
from tui.screens.launch import verdict
from tui.services import launching
from tui.services import machines as services
from tui.services.gate import Gate
from tui.services.machines import Bill, Found
from tui.services.simulated import simulated
from tui.widgets.columns import fit, wide
from vmops.audit import Line
from vmops.errors import Unavailable
from vmops.journal import Journal
from vmops.provider import Call, Machine, Plan

RAW = "instances.aggregatedList: no answer: HTTPConnectionPool(host='127.0.0.1')"


class SlowDesk(SmallDesk):
    """A desk that answers when it is let."""

    def __init__(self, *machines: Machine) -> None:
        super().__init__(*machines)
        self.answers = threading.Event()
        self.answers.set()
        self.called = None

    def _wait(self) -> None:
        assert self.answers.wait(30)

    def machines(self) -> list[Machine]:
        self._wait()
        return super().machines()

    def plan(self, kind: str, name: str) -> Plan:
        self._wait()
        return super().plan(kind, name)


@pytest.fixture
def desk(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> SlowDesk:
    """Two machines that answer at once, until somebody says otherwise."""
    rented.write(workspace, endpoint="http://127.0.0.1:9", project="footplate-loopback")
    made = SlowDesk(machine(), machine("cpu-1", "stopped", gpu="", gpus=0, spot=False, kind="cpu"))

    def open_it(_settings, _folder, called) -> SlowDesk:
        made.called = called
        return made

    monkeypatch.setattr(services, "Desk", open_it)
    monkeypatch.setattr(machines_known, "EVERY_S", 0.05)
    return made


async def test_a_plan_that_comes_after_its_dialog_was_left_ends_nothing(workspace: Workspace, desk: SlowDesk) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await sees(pilot, "● running")
        await pilot.press("n")
        await sees(pilot, "Zones, in the order")  # the first plan is there, and the next one will be long in coming
        desk.answers.clear()
        await pilot.press("1")
        await until(pilot, lambda: bool(app.screen.query("#plan")) and app.place.at_work("planning a machine"))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Creating))
        desk.answers.set()
        await until(pilot, lambda: any(one[:1] == ("plan",) and one[2].endswith("1") for one in desk.asked))
        await pilot.pause(0.1)
        assert app._exception is None and app.is_running


async def test_a_cloud_that_does_not_answer_is_said_at_once_with_the_time_of_what_stands_here(
    workspace: Workspace, desk: SlowDesk
) -> None:
    workspace.machines.mkdir(exist_ok=True)
    (workspace.machines / "audit.jsonl").write_text("")
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await sees(pilot, "● running", "SIMULATED")
        desk.answers.clear()  # it tries again and again
        desk.called(Call("instances.aggregatedList", 0.0, RAW, False))
        await sees(pilot, "✗ the cloud does not answer; what stands here is from", "● running", "SIMULATED")
        desk.trouble = Unavailable(RAW, hint="see to the network")
        desk.answers.set()
        await sees(pilot, "what stands here is from", "→ see to the network", "SIMULATED")
        assert "HTTPConnectionPool" not in words(app)
        await pilot.press("1")
        await sees(pilot, "✗ the cloud does not answer", "SIMULATED", "● running")


def test_simulated_stands_also_where_nobody_ever_answered() -> None:
    assert "SIMULATED" in machinewords.head(Found(simulated=True, trouble="away"))


def test_nobody_waits_only_for_acts_whose_machine_nobody_holds(workspace: Workspace, desk: SlowDesk) -> None:
    folder: Path = workspace.machines / "operations"
    journal = Journal(folder)
    journal.begin("gpu-9", "create")
    gate = Gate(workspace)
    with journal.alone("gpu-9", lambda: None):
        assert services.look(gate).pending == ()  # type: ignore[union-attr]
    assert services.look(gate).pending == ("create gpu-9",)  # type: ignore[union-attr]
    gate.end()


def test_what_was_taken_back_does_not_read_as_if_it_came_back_by_itself() -> None:
    taken = machine(state="stopped", preempted=True, wanted="running", ends_at=9e9)
    assert machining.state(taken).text == "▲ preempted"
    lines = "\n".join(machinewords.detail(taken, Bill(), 0.0))
    assert "at the latest" not in lines  # its limit counts only while it runs
    assert "at the latest" in "\n".join(machinewords.detail(machine(ends_at=9e9), Bill(), 0.0))


def test_the_state_is_whole_at_80_columns() -> None:
    row = machining.rows(Found(machines=(machine(wanted="stopped"),)), (), {}, 0.0)["gpu-1"]
    shown = {machining.COLUMNS[place].key: width
             for place, width in fit(machining.COLUMNS, 78, [wide(cell.text) for cell in row])}  # fmt: skip
    assert shown["state"] >= len("● running → stopped") and {"name", "hourly", "month"} <= set(shown)
    assert all(column.label for column in machining.COLUMNS)


def test_parts_that_cost_little_are_told_with_the_dearest_first() -> None:
    bill = Bill(0.014, 0.0042, 0.0042, 0.0042, parts={"machine": 0.0001, "disk": 0.0041})
    text = "\n".join(machinewords.costs(Found(bills={"gpu-1": bill})))
    assert "disk $0.0041, machine $0.0001" in text and "$0.0042" in text


def test_an_act_does_not_repeat_the_names_of_its_facts() -> None:
    line = Line(1.0, "me", "observed", "gpu-2", {"what": "preempted", "operation": "op-1", "seen": {}})
    assert machining.what(line) == "preempted, operation op-1"


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_runs_on_simulated_machines_say_so_on_every_screen_that_shows_them(
    workspace: Workspace, desk: SlowDesk, size
) -> None:
    moving = Moving(workspace)
    moving.tell(machine="gpu-1", link="connected")
    app = opened(workspace)
    async with app.run_test(size=size) as pilot:
        await pilot.press("2")
        await sees(pilot, "a live one", "on gpu-1 SIMULATED")
        await pilot.press("enter")
        await until(pilot, lambda: app.place is not None and app.place.NAME == "run", "the run is opened")
        await sees(pilot, "SIMULATED", "on gpu-1")
        await pilot.press("4")
        await sees(pilot, "toy")
        await pilot.press("ctrl+o")
        await sees(pilot, "Where does it run?", "SIMULATED")
    moving.end()


def test_only_rented_machines_of_this_computer_are_simulated(workspace: Workspace) -> None:
    file = workspace.configs / "machines.yaml"
    rented.write(workspace, endpoint="http://127.0.0.1:9", hosts={"lab-box": {"address": "lab.example"}})
    assert simulated(file, "gpu-1") and not simulated(file, "lab-box") and not simulated(file, "")
    rented.write(workspace)
    os.utime(file, ns=(1, 1))
    assert not simulated(file, "gpu-1")
    file.write_text("endpoint: [")
    assert not simulated(file, "gpu-1")


async def test_the_dialog_says_at_once_that_a_name_is_taken_and_empties_its_line(
    workspace: Workspace, desk: SlowDesk
) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await sees(pilot, "● running")
        await pilot.press("n")
        await sees(pilot, "its name (what you type goes here", "cpu-2", "disk and address")
        await pilot.press("ctrl+u")
        await sees(pilot, "it needs a name")
        await pilot.press(*"gpu-1")
        await sees(pilot, "✗ gpu-1 is there already")
        await pilot.press(" ")
        await sees(pilot, "✗ gpu-1  cannot be")
        assert app.screen.query_one("#plan").wrap  # type: ignore[attr-defined]


async def test_a_new_machine_is_not_called_as_one_that_is_on_its_way(workspace: Workspace, desk: SlowDesk) -> None:
    Journal(workspace.machines / "operations").begin("cpu-2", "create")
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await sees(pilot, "● running")
        await pilot.press("n")
        await sees(pilot, "cpu-3")


async def test_a_wrong_name_deletes_nothing_and_is_said(workspace: Workspace, desk: SlowDesk) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await sees(pilot, "● running")
        await pilot.press("D")
        await sees(pilot, "type gpu-1 and enter")
        await pilot.press("enter")
        await sees(pilot, "nothing is typed: it has to be gpu-1")
        await pilot.press(*"gpu-2", "enter")
        await sees(pilot, "gpu-2 is not gpu-1; nothing was done")


def test_polls_of_a_cloud_are_a_line_each_and_acts_are_kept(workspace: Workspace) -> None:
    gate = Gate(workspace)
    for _ in range(20):
        for what in ("instances.aggregatedList us", "zoneOperations.list a", "zoneOperations.list b"):
            gate.told(what, 0.1, "3 entries", ok=True)
    gate.told("instances.stop a gpu-1", 0.1, "operation-1", ok=True)
    gate.told("instances.aggregatedList us", 0.1, "3 entries", ok=True)
    assert [call.what.partition(".")[2] for call in gate.calls] == [
        "aggregatedList us", "list a", "list b", "stop a gpu-1", "aggregatedList us"]  # fmt: skip
    assert [call.look for call in gate.calls] == [True, True, True, False, True]


def test_what_no_commit_holds_is_said_before_the_run_is_asked_for(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code, "uncommitted", lambda: ["engine/run.py", "engine/a.py"])
    there = launching.check(workspace, "toy", "", Wish("gpu-1"))
    assert there.queue == "it goes to gpu-1"  # whether a device of this computer is free says nothing
    assert "no commit holds engine/run.py and 1 more" in verdict(there).plain
    assert "✓ fits" in verdict(launching.check(workspace, "toy", "", Wish("gpu-1", uncommitted=True))).plain
    assert not launching.check(workspace, "toy", "").loose


async def test_a_plan_is_broken_between_words(workspace: Workspace, desk: SlowDesk) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await sees(pilot, "● running")
        await pilot.press("n")
        await sees(pilot, "Zones, in the order", "disk and address")
        text = "\n".join(line.strip(" │") for line in words(app).splitlines())
        assert "included" in text and "\ned\n" not in text


async def test_a_calm_cloud_is_asked_more_rarely_and_a_machine_that_changes_often(
    workspace: Workspace, desk: SlowDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machines_known, "EVERY_S", 3600.0)  # the test is the clock
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await sees(pilot, "gpu-1", "● running")

        async def looks(count: int) -> int:
            """How often the cloud is asked in so many ticks of the clock."""
            before = sum(words == ("machines",) for words in desk.asked)
            for _ in range(count):
                app.screen._look_again()
                await app.workers.wait_for_complete()
                await pilot.pause()
            return sum(words == ("machines",) for words in desk.asked) - before

        assert await looks(6) == 6
        assert await looks(30) < 16
        desk.there["gpu-1"] = machine(state="stopping")
        await looks(3)
        assert await looks(6) == 6
