"""Machines on their screen: what is told of them, what is asked before they cost, and what never reaches the cloud."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some
from textual import events
from textual.keys import _character_to_key

from engine.workspace import Workspace
from tests.tui import rented
from tests.tui.helpers import LARGE, SMALL, Moving, opened, sees, until, words
from tests.tui.rented import SmallDesk, machine
from tui import machinewords
from tui.actions import MACHINES, TABLE, of
from tui.app import FootplateApp
from tui.machinetelling import news
from tui.options import Options
from tui.screens import machines_known
from tui.screens.confirm import Confirm
from tui.screens.creating import Creating
from tui.services import machines as services
from tui.services import renting
from tui.services.machines import Bill, Found
from vmops import loopback
from vmops.desk import Desk
from vmops.errors import NoCredentials, Unavailable
from vmops.watched import Watched

NASTY = ("gpu 1", "$(touch x)", "a;b", "'x'", '"x"', "Gpu", "-a", "a-", "a\nb", "x" * 64, "ä", "../a", "a`b`")
GCE = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
KEYS = sorted(
    {key for action in of(MACHINES) for key in action.keys} - {"0", *"12345678", "ctrl+q", "ctrl+t"} | {"y", "enter"}
)


@pytest.fixture
def desk(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> SmallDesk:
    """Two machines that answer at once, in a workspace that has settled them."""
    rented.write(workspace, hosts={"lab-box": {"address": "lab.example"}})
    made = SmallDesk(machine(), machine("cpu-1", "stopped", gpu="", gpus=0, spot=False, kind="cpu"))
    monkeypatch.setattr(services, "Desk", lambda *_given: made)
    monkeypatch.setattr(machines_known, "EVERY_S", 0.05)
    return made


# --- what is told -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 14)])
async def test_what_matters_most_is_seen_at_every_size(workspace: Workspace, desk: SmallDesk, size) -> None:
    app = opened(workspace)
    async with app.run_test(size=size) as pilot:
        await pilot.press("9")
        await sees(pilot, "gpu-1", "● running", "cpu-1", "■ stopped", "2 machines, 1 on", "$100", "0.2")
        assert app.screen.query_one("#machines").size.height >= 3


async def test_a_row_says_what_runs_on_it_and_how_busy_its_gpu_is(workspace: Workspace, desk: SmallDesk) -> None:
    from engine.events import Gpu, Host

    moving = Moving(workspace)
    moving.tell(machine="gpu-1", link="connected")
    moving.say(Host(120.0, 1 << 30, 1 << 31, 1 << 34), Gpu(0, "T4", 87.0, 1 << 30, 1 << 34, 60.0, 65.0))
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("9")
        await sees(pilot, "T4 87%", "a live one")
        await pilot.press("tab")
        await sees(pilot, "connected")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: app.place is not None and app.place.NAME == "run", "the run is opened")
        await sees(pilot, "on gpu-1", "gpu 0")
    moving.end()


def test_wanted_states_stand_beside_the_state() -> None:
    found = Found(machines=(machine(wanted="stopped"), machine("b", "stopped", preempted=True)))
    from tui.machining import rows

    shown = rows(found, (), {"b": "running", "new-1": "running"}, 0.0)
    assert shown["gpu-1"][1].text == "● running → stopped"
    assert shown["b"][1].text == "▲ preempted → running"
    assert shown["new-1"][1].text == "○ asked → running"


def test_costs_are_a_gauge_a_sum_and_a_line_each() -> None:
    found = Found(machines=(machine(),), total=Bill(0.2, 9.0, 2.0, 50.0, 20.0), budget_usd=200.0,
                  bills={"gpu-1": Bill(0.2, 9.0, 2.0, 50.0, parts={"disk": 1.0})}, warning="over it")  # fmt: skip
    text = "\n".join(machinewords.costs(found))
    assert "25% of $200.00" in text and "$20.00 still to come" in text and "disk $1.00" in text
    assert "! over it" in text


async def test_what_a_machine_costs_while_it_stands_is_in_its_detail(workspace: Workspace, desk: SmallDesk) -> None:
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("9")
        await sees(pilot, "n1-standard-4, T4", "100 GB pd-balanced", "may take it back", "simulated")
        await pilot.press("j")
        await sees(pilot, "its disk stays, and costs")
        await pilot.press("j")
        await sees(pilot, "only ssh: nobody here starts")


async def test_what_its_watchdog_sees_is_in_the_detail(workspace: Workspace, desk: SmallDesk) -> None:
    now = time.time()
    desk.guards["gpu-1"] = Watched(now, idle_since=now - 60, stops_at=now + 600, problems=("nvidia-smi is silent",))
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await sees(pilot, "watchdog idle since", "stops itself in 10 min", "! nvidia-smi is silent")
        await pilot.press("j")
        await sees(pilot, "its disk stays, and costs")
        assert {words for words in desk.asked if words[0] == "watchdog"} == {("watchdog", "gpu-1")}, "cpu-1 is stopped"


# --- where nobody can tell --------------------------------------------------------------------------------------------


async def test_without_settings_one_sentence_says_what_to_do(workspace: Workspace) -> None:
    (workspace.configs / "machines.yaml").unlink(missing_ok=True)
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("9")
        await sees(pilot, "no configs/machines.yaml here", "footplate init")
        await pilot.press("n")
        await sees(pilot, "not now: new")
        assert len(app._notifications) == 1


async def test_a_fault_of_the_settings_is_said_with_its_line_until_it_is_mended(
    workspace: Workspace, desk: SmallDesk
) -> None:
    rented.write(workspace, zones=["nowhere"])
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await sees(pilot, "zones", "nowhere")
        assert desk.asked == []
        rented.write(workspace)
        await sees(pilot, "● running")


async def test_without_credentials_nobody_is_asked_again_and_again(workspace: Workspace, desk: SmallDesk) -> None:
    desk.trouble = NoCredentials("nobody has logged in", hint="gcloud auth application-default login")
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("9")
        await sees(pilot, "nobody has logged in", "gcloud auth", "lab-box")
        await pilot.press("7", "9", "7", "9", "8", "9")
        await until(pilot, lambda: not app.screen.at_work(machines_known.LOOKING))  # type: ignore[attr-defined]
        assert desk.asked.count(("machines",)) == 1 and not app._notifications
        desk.trouble = None
        await pilot.press("r")
        await sees(pilot, "● running")


async def test_a_cloud_that_is_away_leaves_what_is_known_and_is_asked_again(
    workspace: Workspace, desk: SmallDesk
) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("9")
        await sees(pilot, "● running")
        desk.trouble = Unavailable("no route to the cloud", hint="look at the network")
        await sees(pilot, "✗ no route to the cloud", "● running")
        desk.trouble = None
        await until(pilot, lambda: "no route" not in words(app), "it answers again")
        assert not app._notifications


async def test_nobody_asks_for_machines_from_the_overview_of_who_has_none(
    workspace: Workspace, desk: SmallDesk
) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await sees(pilot, "no runs yet")
        await app.workers.wait_for_complete()
        assert desk.asked == []
        workspace.machines.mkdir(exist_ok=True)
        (workspace.machines / "audit.jsonl").write_text("")
        await sees(pilot, "Machines", "gpu-1", "● running")


async def test_the_desk_is_closed_when_the_screens_are_left(workspace: Workspace, desk: SmallDesk) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await sees(pilot, "● running")
    assert desk.asked[-1] == ("close",)


# --- acting -----------------------------------------------------------------------------------------------------------


async def test_stop_names_the_machine_and_shows_what_is_wanted_until_it_is_so(
    workspace: Workspace, desk: SmallDesk
) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("9")
        await sees(pilot, "● running")
        await pilot.press("x")
        await sees(pilot, "Stop gpu-1 (t4-spot, us-central1-a)?", "its disk of 100 GB stays")
        await pilot.press("n")
        await until(pilot, lambda: not isinstance(app.screen, Confirm))
        assert ("stop", "gpu-1") not in desk.asked
        await pilot.press("x", "y")
        await sees(pilot, "gpu-1 is stopped")
        assert [call.what for call in app.lab.gate.calls] == ["footplate vm stop gpu-1"]


async def test_an_act_that_fails_stands_on_the_screen_with_what_to_do(workspace: Workspace, desk: SmallDesk) -> None:
    app = opened(workspace)
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await pilot.press("9")
        await sees(pilot, "● running")
        await pilot.press("x")
        await sees(pilot, "Stop gpu-1")
        desk.trouble = Unavailable("the zone is on fire", hint="wait a day")
        await pilot.press("y")
        await sees(pilot, "✗ stopping gpu-1 did not work", "→ wait a day")
        assert "→ stopped" not in words(app)


async def test_an_orphan_is_deleted_by_its_name_alone(workspace: Workspace, desk: SmallDesk) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("9", "shift+tab", "shift+tab")
        await sees(pilot, "old-disk", "$4.00")
        await pilot.press("enter", "X")
        await sees(pilot, "Delete the disk old-disk", "type old-disk")
        await pilot.press("y", "enter")
        await sees(pilot, "y is not old-disk; nothing was done")
        assert not any(one[0] == "delete_orphan" for one in desk.asked)
        await pilot.press("backspace", *"old-disk", "enter")
        await until(pilot, lambda: ("delete_orphan", "disk", "old-disk", "us-central1-a") in desk.asked)
        await sees(pilot, "nothing is forgotten")


async def test_a_shell_needs_a_terminal_and_says_so(
    workspace: Workspace, desk: SmallDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.press("9")
        await sees(pilot, "lab-box")
        await pilot.press("G", "s")
        await sees(pilot, "no terminal here that could be handed")
        assert app.lab.gate.calls == type(app.lab.gate.calls)()


# --- a new machine ----------------------------------------------------------------------------------------------------


async def test_a_plan_shows_both_prices_and_zones_before_the_question(workspace: Workspace, desk: SmallDesk) -> None:
    app = opened(workspace)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("9")
        await sees(pilot, "● running")
        await pilot.press("n", "down")
        await sees(pilot, "t4-1", "as spot $0.200 an hour; as standard $0.500", "had none left", "us-east1-c", "24 h")
        await pilot.press("enter")
        await sees(pilot, "Create t4-1, a t4-spot (spot), in us-central1-a", "$0.200 an hour", "$4.80 a day")
        await pilot.press("enter")  # what costs is not confirmed by enter
        await until(pilot, lambda: not isinstance(app.screen, Confirm))
        assert not any(one[0] == "create" for one in desk.asked)


@pytest.mark.parametrize("name", [name for name in NASTY if "\n" not in name and len(name) < 20])
async def test_a_name_that_the_cloud_would_refuse_is_refused_while_it_is_typed(
    workspace: Workspace, desk: SmallDesk, name: str
) -> None:
    app = opened(workspace)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await sees(pilot, "● running")
        await pilot.press("n")
        await sees(pilot, "cpu-2")
        app.screen.query_one("#machine-name").value = name  # type: ignore[attr-defined]
        await sees(pilot, "✗", "cannot be a machine's name")
        await pilot.press("enter")
        assert isinstance(app.screen, Creating)
        assert all(GCE.fullmatch(one[2]) for one in desk.asked if one[0] == "plan")


@given(some.one_of(some.sampled_from(NASTY), some.text(max_size=70)))
def test_only_names_that_the_cloud_takes_are_taken(name: str) -> None:
    assert bool(renting.fault(name)) == (GCE.fullmatch(name) is None)


# --- events -----------------------------------------------------------------------------------------------------------


def test_what_is_worth_an_event_is_told_once() -> None:
    busy, told = machine(created_at=1.0, started_at=10.0), set[tuple[object, ...]]()
    before = Found(machines=(busy,), running_usd={"gpu-1": 0.2})
    first = news(None, before, (), 5000.0, told)
    assert [str(one) for one in first] == ["gpu-1 costs $0.200 an hour, and no run is on it"]
    assert news(before, before, (), 6000.0, told) == []
    gone = Found(machines=(replace(busy, state="stopped", preempted=True, stopped_at=7.0),), warning="over: $9")
    assert [one.kind for one in news(before, gone, (), 7000.0, told)] == ["machine preempted", "budget"]
    assert news(gone, replace(gone, warning="over: $10"), (), 8000.0, told) == []


# --- with the real client and a cloud on this computer ----------------------------------------------------------------


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[loopback.Cloud]:
    with loopback.cloud(tmp_path_factory.mktemp("cloud")) as made:
        with Desk(made.settings(), tmp_path_factory.mktemp("machines")) as desk:
            desk.create("cpu", "cpu-1")
        yield made


@pytest.mark.timeout(300)
@pytest.mark.parametrize("keys", [300, pytest.param(5000, marks=pytest.mark.slow)])
async def test_keys_at_random_in_read_only_change_nothing_in_the_cloud(
    keys: int, workspace: Workspace, cloud: loopback.Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FootplateApp, "exit", lambda *_a, **_k: None)  # or the first q would end it all
    rented.settle(workspace, cloud)
    app = FootplateApp(workspace.root, None, Options(read_only=True))
    before, random = len(cloud.calls), Random(5)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("9")
        await sees(pilot, "cpu-1", "● running")
        for _ in range(keys // 20):
            for key in ["9", *random.choices(KEYS, k=19)]:
                app.post_message(
                    events.Key(_character_to_key(key) if len(key) == 1 else key, key[:1] * (len(key) == 1))
                )
            await pilot.pause()
            assert app._exception is None and app.is_running
    asked = cloud.calls[before:]
    assert asked and not [call for call in asked if call.changes]


@pytest.mark.timeout(300)
async def test_a_machine_is_planned_made_stopped_and_deleted_by_keys(
    workspace: Workspace, cloud: loopback.Cloud
) -> None:
    rented.settle(workspace, cloud)
    before = set(sys.modules)  # tests before this one may have loaded anything
    app = opened(workspace)
    async with app.run_test(size=LARGE, notifications=True) as pilot:
        await pilot.press("9")
        await sees(pilot, "SIMULATED", "cpu-1")
        await pilot.press("n", "down")
        await sees(pilot, "Zones, in the order")
        await pilot.press("enter")
        await sees(pilot, "Create t4-1")
        await pilot.press("y")
        await sees(pilot, "t4-1 runs in")
        await until(pilot, lambda: cloud.machine("t4-1")["status"] == "RUNNING")
        await sees(pilot, "2 machines, 2 on")
        await pilot.press("x", "y")
        await sees(pilot, "t4-1 is stopped", "■ stopped")
        await pilot.press("D")
        await sees(pilot, "type t4-1 and enter")
        await pilot.press(*"t4-1", "enter")
        await sees(pilot, "1 machine, 1 on")
        what = [call.what for call in app.lab.gate.calls]
        assert "footplate vm create t4-spot t4-1" in what and any("instances.insert" in one for one in what)
    assert [body["name"] for body in cloud.records.all("instances")] == ["cpu-1"]
    assert not {name for name in set(sys.modules) - before if name.partition(".")[0] == "google"}


def test_every_act_on_machines_says_which_command_does_the_same() -> None:
    assert all(action.verb for action in TABLE if MACHINES in action.screens and action.danger != "look")
