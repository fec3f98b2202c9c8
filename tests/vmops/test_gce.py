"""Machines of Compute Engine through Google's own client, against the cloud on this computer."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from tests import outside
from tests.vmops.gce import Lab, lab
from vmops import audit, budget, hostkeys, hosts, ledger, loopback
from vmops.errors import Conflict, NotFound, OverBudget, Refused, Unavailable
from vmops.gcp import takenback
from vmops.gcp.asking import Asker
from vmops.settings import Budget


@pytest.fixture
def here(cloud: loopback.Cloud, tmp_path: Path) -> Lab:
    return lab(cloud, tmp_path / "machines")


def test_a_plan_changes_nothing_there_and_writes_nothing_here(here: Lab) -> None:
    plan = here.gce.plan("t4-spot", "gpu-1")
    assert not here.changes() and not here.folder.exists()
    assert [offer.zone for offer in plan.zones][-1] == "europe-west4-a"  # the dear one
    assert plan.spot_usd < plan.standard_usd and plan.hourly_usd == plan.spot_usd
    assert {one.metric for one in plan.quotas} >= {"PREEMPTIBLE_NVIDIA_T4_GPUS", "GPUS_ALL_REGIONS"}


def test_what_is_planned_is_what_is_asked_for(here: Lab) -> None:
    plan = here.gce.plan("t4-spot", "gpu-1")
    here.gce.create("t4-spot", "gpu-1", here.say)
    asked = next(one.body for one in here.cloud.calls if one.path.endswith("/instances") and one.method == "POST")
    label = asked["labels"].pop("footplate-ask")
    planned = json.loads(json.dumps(plan.body))
    assert planned["labels"].pop("footplate-ask") != label
    assert asked == planned


@pytest.mark.parametrize(
    ("kind", "model", "maintenance", "restart"),
    [
        ("t4-spot", "SPOT", "TERMINATE", False),
        ("t4", "STANDARD", "TERMINATE", True),
        ("cpu", "STANDARD", "MIGRATE", True),
    ],
)
def test_every_machine_has_an_end_that_the_cloud_itself_keeps(
    here: Lab, kind: str, model: str, maintenance: str, restart: bool
) -> None:
    scheduling = here.gce.plan(kind, "gpu-1").body["scheduling"]
    assert scheduling == {
        "provisioningModel": model,
        "automaticRestart": restart,
        "onHostMaintenance": maintenance,
        "instanceTerminationAction": "STOP",
        "maxRunDuration": {"seconds": "86400"},
    }


def test_a_kind_may_be_deleted_at_its_limit(cloud: loopback.Cloud, tmp_path: Path) -> None:
    kinds = {"cpu": replace(cloud.settings().kinds["cpu"], at_limit="delete", max_hours=1.5)}
    body = lab(cloud, tmp_path, kinds=kinds).gce.plan("cpu", "gpu-1").body
    assert body["scheduling"]["instanceTerminationAction"] == "DELETE"
    assert body["scheduling"]["maxRunDuration"] == {"seconds": "5400"}


def test_a_machine_is_made_stopped_started_and_deleted_once_each(here: Lab) -> None:
    made = here.gce.create("t4-spot", "gpu-1", here.say)
    assert (made.state, made.kind, made.gpu, made.gpus, made.spot) == ("running", "t4-spot", "nvidia-tesla-t4", 1, True)
    assert made.wanted == "running" and made.simulated and made.ends_at and made.labels["footplate"] == "lab"
    assert here.gce.create("t4-spot", "gpu-1", here.say).id == made.id
    for act, state in (("stop", "stopped"), ("start", "running"), ("delete", "gone")):
        assert getattr(here.gce, act)("gpu-1", here.say).state == state
        assert getattr(here.gce, act)("gpu-1", here.say).state == state  # the second time says so
    assert [one.partition(" ")[0] for one in here.changes()] == ["POST", "POST", "POST", "DELETE"]
    assert [words for words in here.said if "already" in words] == [
        "gpu-1 is there already",
        "gpu-1 is stopped already",
        "gpu-1 is running already",
        "gpu-1 is gone already",
    ]
    assert here.there() == []


def test_every_act_is_audited_with_who_and_what(here: Lab) -> None:
    here.gce.create("cpu", "gpu-1", here.say)
    here.gce.stop("gpu-1", here.say)
    here.gce.delete("gpu-1", here.say)
    lines = audit.read(here.folder).lines
    assert [line.act for line in lines] == ["asked", "created", "asked", "stopped", "asked", "deleted"]
    assert all(line.machine == "gpu-1" and line.who for line in lines)
    assert lines[1].facts["seen"]["machine_type"] == "n1-standard-4"


@pytest.mark.parametrize(
    "name",
    ["", "GPU", "gpu_1", "1gpu", "gpu-", "a" * 64, "$(reboot)", "gpu 1", "gpu;ls", "gpu\n", "'gpu'", "../gpu", "größe"],
)
@pytest.mark.parametrize("act", ["plan", "create", "start", "stop", "delete"])
def test_a_name_that_the_cloud_would_refuse_is_refused_before_it_is_asked(here: Lab, act: str, name: str) -> None:
    words = ("cpu", name) if act in ("plan", "create") else (name,)
    with pytest.raises(Refused) as refused:
        getattr(here.gce, act)(*words)
    assert repr(name) in refused.value.message and "expected" in refused.value.hint
    assert not here.cloud.calls and not here.folder.exists()


def test_a_kind_that_nobody_has_named_is_refused_with_those_that_there_are(here: Lab) -> None:
    with pytest.raises(Refused, match="no kind of machine 'h100'") as refused:
        here.gce.create("h100", "gpu-1")
    assert "t4-spot" in refused.value.hint and not here.cloud.calls


def test_a_machine_of_another_kind_is_not_taken_for_the_one_that_is_asked_for(here: Lab) -> None:
    here.gce.create("cpu", "gpu-1", here.say)
    with pytest.raises(Conflict, match="of the kind 'cpu'"):
        here.gce.create("t4", "gpu-1", here.say)
    assert len(here.inserts()) == 1


def test_a_machine_without_our_label_is_never_touched(here: Lab, tmp_path: Path) -> None:
    other = lab(here.cloud, tmp_path / "other", label="other")
    other.gce.create("cpu", "gpu-1")
    before = here.changes()
    for act in ("start", "stop", "delete"):
        with pytest.raises(Conflict, match="somebody else's"):
            getattr(here.gce, act)("gpu-1")
    with pytest.raises(Conflict, match="somebody else's"):
        here.gce.create("cpu", "gpu-1")
    assert here.gce.machines() == [] and here.changes() == before
    assert "somebody else's" in here.gce.plan("cpu", "gpu-1").problems[0]


def test_who_names_a_machine_that_never_was_hears_so(here: Lab) -> None:
    for act in ("machine", "start", "stop", "delete"):
        with pytest.raises(NotFound, match="no machine 'gpu-9'"):
            getattr(here.gce, act)("gpu-9")


def test_a_spot_machine_that_was_taken_back_says_so_until_it_runs_again(here: Lab) -> None:
    here.gce.create("cpu-spot", "gpu-1")
    here.cloud.preempt("gpu-1", notice_s=0)
    machine = here.gce._cloud.until("us-central1-a", "gpu-1", ("stopped",), here.say)
    assert machine.preempted and machine.wanted == "running"
    assert here.gce.machines()[0].preempted
    assert not here.gce.start("gpu-1").preempted
    assert not here.gce.stop("gpu-1").preempted  # this time it was us


def test_a_look_is_one_call_once_it_is_known_why_machines_stopped(here: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    here.gce.create("t4-spot", "gpu-1")
    here.cloud.preempt("gpu-1", notice_s=0)
    here.gce._cloud.until("us-central1-a", "gpu-1", ("stopped",), here.say)
    monkeypatch.setattr(takenback, "SETTLED_S", -60.0)  # as if it were long ago
    here.gce.machines()
    before = len(here.calls)
    assert [one.preempted for one in here.gce.machines()] == [True]
    assert [call.what.partition(" ")[0] for call in here.calls[before:]] == ["instances.aggregatedList"]
    monkeypatch.undo()
    assert not here.gce.start("gpu-1").preempted
    assert not here.gce.stop("gpu-1").preempted, "another stop is asked about anew"


def test_its_host_key_is_known_when_it_is_made_and_forgotten_with_it(here: Lab) -> None:
    machine = here.gce.create("cpu", "gpu-1")
    host = hosts.rented(here.settings, here.folder, machine)
    assert [key.line for key in hostkeys.known(host)] == here.gce.host_keys("gpu-1")
    assert here.gce.host_keys("gpu-1")[0].startswith("ssh-ed25519 ")
    here.gce.delete("gpu-1")
    assert hostkeys.known(host) == []


def test_a_key_of_the_settings_is_the_only_one_that_is_let_in(here: Lab) -> None:
    items = {item["key"]: item["value"] for item in here.gce.plan("t4", "gpu-1").body["metadata"]["items"]}
    public = here.cloud.key.with_suffix(".pub").read_text().strip()
    assert items["ssh-keys"] == f"{here.settings.ssh.user}:{public}"
    assert items["enable-oslogin"] == "FALSE" and items["block-project-ssh-keys"] == "TRUE"
    assert items["install-nvidia-driver"] == "True"


def test_without_a_key_the_clouds_own_login_decides(cloud: loopback.Cloud, tmp_path: Path) -> None:
    settings = cloud.settings()
    here = lab(cloud, tmp_path, ssh=replace(settings.ssh, key=""))
    items = {item["key"]: item["value"] for item in here.gce.plan("cpu", "gpu-1").body["metadata"]["items"]}
    assert items["enable-oslogin"] == "TRUE" and "ssh-keys" not in items


def test_a_key_that_is_not_there_is_named(cloud: loopback.Cloud, tmp_path: Path) -> None:
    here = lab(cloud, tmp_path, ssh=replace(cloud.settings().ssh, key=str(tmp_path / "none")))
    with pytest.raises(Refused, match=r"none\.pub"):
        here.gce.create("cpu", "gpu-1")
    assert not here.inserts()


def test_a_budget_that_would_not_hold_refuses_before_anything_is_asked(cloud: loopback.Cloud, tmp_path: Path) -> None:
    here = lab(cloud, tmp_path, budget=Budget(month_usd=0.5))
    with pytest.raises(OverBudget, match=r"\$0.50"):
        here.gce.create("t4", "gpu-1")
    assert not here.inserts() and "budget" in here.gce.plan("t4", "gpu-1").problems[0]
    assert [line.act for line in audit.read(tmp_path).lines] == ["refused"]
    assert here.gce.create("t4", "gpu-1", over_budget=True).state == "running"
    assert "went_over_budget" in [line.act for line in audit.read(tmp_path).lines]


@pytest.mark.parametrize("act", ["create", "start"])
def test_of_two_that_fit_into_the_budget_each_and_not_both_one_is_refused(
    cloud: loopback.Cloud, tmp_path: Path, act: str
) -> None:
    here = lab(cloud, tmp_path)
    if act == "start":
        for name in ("gpu-1", "gpu-2"):
            here.gce.create("t4", name)
            here.gce.stop(name)
    kind = here.settings.kinds["t4"]
    asked = budget.wish(here.gce._cloud.prices.rates(kind, "us-central1-a"), kind.max_hours, time.time())
    there = ledger.cost(tmp_path, here.gce.machines(), here.gce._cloud.prices)
    limit = float(there.month + there.ahead + asked.usd * 3 / 2)  # type: ignore[operator]
    here = lab(cloud, tmp_path, budget=Budget(month_usd=limit))
    both = threading.Barrier(2)
    refused: list[OverBudget] = []

    def do(name: str) -> None:
        both.wait()
        try:
            here.gce.create("t4", name) if act == "create" else here.gce.start(name)
        except OverBudget as error:
            refused.append(error)

    threads = [threading.Thread(target=do, args=(name,)) for name in ("gpu-1", "gpu-2")]
    assert here.gce  # made before both ask for it
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1 and [one.state for one in here.gce.machines()].count("running") == 1


def test_a_list_writes_down_what_happened_unseen(here: Lab) -> None:
    here.gce.create("cpu-spot", "gpu-1")
    here.cloud.preempt("gpu-1", notice_s=0)
    here.gce._cloud.until("us-central1-a", "gpu-1", ("stopped",), here.say)
    here.gce.machines()
    assert audit.read(here.folder).lines[-1].act == "observed"


def test_every_question_to_the_cloud_is_told_with_its_time(here: Lab) -> None:
    here.gce.create("cpu", "gpu-1")
    told = [call.what.split()[0] for call in here.calls]
    assert len(told) == len(here.cloud.calls)
    assert "instances.insert" in told and "zoneOperations.wait" in told
    assert all(call.ok and call.seconds >= 0 for call in here.calls if not call.what.startswith("instances.getGuest"))


def test_the_serial_port_tells_how_a_machine_starts(here: Lab) -> None:
    here.gce.create("cpu", "gpu-1")
    assert "SSH HOST KEY" in here.gce.serial("gpu-1")


@outside.needs("sshd")
def test_before_the_power_goes_the_watchdog_is_told(tmp_path: Path) -> None:
    with loopback.cloud(tmp_path / "cloud", grace_s=40.0) as cloud:
        here = lab(cloud, tmp_path / "machines")
        here.gce.create("cpu", "gpu-1")
        dog = cloud.home("gpu-1") / "footplate" / "watchdog"
        dog.mkdir(parents=True)
        (dog / "settings.json").write_text("{}")
        (dog / "watchdog.py").write_text("import sys\nopen(sys.argv[2] + '.told', 'w').write(sys.argv[1])\n")
        while "listening" not in here.gce.serial("gpu-1"):  # until it has booted
            time.sleep(0.05)
        here.gce.stop("gpu-1")
        assert (dog / "settings.json.told").read_text() == "preempted"


def test_a_cloud_that_is_not_there_is_told_in_a_few_words() -> None:
    asker = Asker(lambda _: None, pause=lambda _: None)
    with pytest.raises(Unavailable) as told:
        asker.ask("instances.list", lambda **_: requests.get("http://127.0.0.1:9/", timeout=5), {})
    assert told.value.message == "instances.list: no answer: Connection refused"
