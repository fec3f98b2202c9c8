"""Machines on the screens while the cloud is away, and while somebody waits for an act."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.workspace import Workspace
from tests.tui import rented
from tests.tui.helpers import LARGE, SMALL, opened, sees, until, words
from tests.tui.rented import SmallDesk, machine
from tui import machinewords
from tui.screens import machines_known
from tui.screens.creating import Creating
from tui.services import machines as services
from tui.services.gate import Gate
from tui.services.machines import Found
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
        await sees(pilot, "planning")
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
