"""`footplate vm`: what it answers to people and to programs, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine import machines
from engine.config import parse
from engine.errors import SpecError
from engine.specs.machines import Machines
from engine.workspace import Workspace
from tests import outside
from tests.conftest import Cli
from tests.lab import ROOT
from vmops import logins, loopback
from vmops.desk import Desk
from vmops.errors import NoCredentials
from vmops.journal import Journal
from vmops.settings import Settings

pytest.importorskip("google.cloud.compute_v1", reason="pip install 'footplate[cloud]'")
TEXT = (ROOT / "configs" / "machines.yaml").read_text()


def written(workspace: Workspace, cloud: loopback.Cloud, **changes: Any) -> None:
    """Settings that lead to a cloud on this computer."""
    ssh = cloud.settings().ssh
    known = yaml.safe_load(TEXT)
    known |= {"endpoint": cloud.endpoint, "ssh": {"user": ssh.user, "key": ssh.key, "port": ssh.port}, **changes}
    machines.file(workspace).write_text(yaml.safe_dump(known, sort_keys=False))


@pytest.fixture(scope="module")
def shared() -> Iterator[dict[str, Desk]]:
    """One process for all tests: to load Google's libraries takes seconds."""
    desks: dict[str, Desk] = {}
    yield desks
    for desk in desks.values():
        desk.close()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[loopback.Cloud]:
    with loopback.cloud(tmp_path_factory.mktemp("cloud")) as made:
        yield made


@pytest.fixture
def vm(
    cli: Cli, workspace: Workspace, cloud: loopback.Cloud, shared: dict[str, Desk], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cli]:
    """The verb in a workspace of its own, whose folder of machines is that of the one process."""
    written(workspace, cloud)
    if not shared:
        shared["desk"] = Desk(machines.settings(workspace), workspace.machines)

    @contextmanager
    def opened(here: Workspace) -> Iterator[Desk]:
        yield shared["desk"]

    monkeypatch.setattr(machines, "desk", opened)
    yield lambda *words: cli("vm", *words)
    for machine in shared["desk"].machines():
        shared["desk"].delete(machine.name)
    cloud.faults.clear()


def test_a_machine_from_its_plan_to_its_end(vm: Cli, cloud: loopback.Cloud) -> None:
    plan = vm("plan", "t4-spot", "gpu-1")
    assert plan.code == 0 and "$0.243 an hour (spot $0.243, standard $0.559)" in plan.out
    assert "simulated" in plan.out and '"maxRunDuration"' in plan.out and "taken back" not in plan.err
    before = len(cloud.calls)
    assert vm("create", "t4-spot", "gpu-1", "--dry-run").out == plan.out
    assert all(one.method == "GET" for one in cloud.calls[before:])
    made = vm("create", "t4-spot", "gpu-1")
    assert made.code == 0 and made.out.startswith("gpu-1  running  t4-spot  us-central1-a  127.0.0.")
    assert "simulated" in made.err and "asking for gpu-1 in us-central1-a" in made.err
    listed = vm("list")
    assert listed.out.splitlines()[0].split() == ["NAME", "STATE", "KIND", "ZONE", "UP", "$/H", "SO", "FAR", "ADDRESS"]
    assert "0h00" in listed.out and "$0.24" in listed.out
    assert "machine_type: n1-standard-4" in vm("describe", "gpu-1").out
    assert vm("stop", "gpu-1").out.startswith("gpu-1  stopped")
    assert "is stopped already" in vm("stop", "gpu-1").err
    assert vm("start", "gpu-1").out.startswith("gpu-1  running")
    assert vm("delete", "gpu-1", "--yes", "gpu-1").out.startswith("gpu-1  gone")
    assert vm("list").out.startswith("no machines")


def test_programs_get_the_same_as_json(vm: Cli) -> None:
    plan = json.loads(vm("plan", "cpu", "cpu-1", "--json").out)
    assert plan["body"]["name"] == "cpu-1" and plan["zones"][0]["zone"] == "us-central1-a" and plan["simulated"]
    assert json.loads(vm("create", "cpu", "cpu-1", "--json").out)["state"] == "running"
    (one,) = json.loads(vm("list", "--json").out)
    assert one["name"] == "cpu-1" and one["simulated"] and set(one["cost"]) == {"hourly", "so_far", "today", "month"}
    assert json.loads(vm("describe", "cpu-1", "--json").out)["labels"]["footplate-kind"] == "cpu"
    assert {one["metric"] for one in json.loads(vm("quotas", "--json").out)} >= {"CPUS", "NVIDIA_T4_GPUS"}
    assert [one["name"] for one in json.loads(vm("kinds", "--json").out)] == ["t4-spot", "t4", "cpu"]
    assert json.loads(vm("orphans", "--json").out) == [] == json.loads(vm("adopt", "--json").out)
    assert "HOST KEY" in json.loads(vm("serial", "cpu-1", "--json").out)["serial"]
    assert json.loads(vm("trust", "cpu-1", "--json").out)["told_by"] == "cloud"
    assert json.loads(vm("delete", "cpu-1", "--yes", "cpu-1", "--json").out)["state"] == "gone"


def test_a_machine_that_is_between_two_zones_is_described_as_well(vm: Cli, shared: dict[str, Desk]) -> None:
    journal = Journal(shared["desk"].folder / "operations")
    entry = journal.write(journal.begin("gpu-7", "create", kind="t4-spot"), tried=("us-central1-a",))
    try:
        told = vm("describe", "gpu-7")
        assert told.code == 0 and "state: asked" in told.out and "problem: none left in us-central1-a" in told.out
    finally:
        journal.write(entry, over=True)
    assert vm("describe", "gpu-7").code == 2


def test_several_machines_are_made_at_once(vm: Cli, cloud: loopback.Cloud) -> None:
    made = json.loads(vm("create", "cpu", "box", "--count", "3", "--json").out)
    assert [one["name"] for one in made] == ["box-1", "box-2", "box-3"]
    assert {one["state"] for one in made} == {"running"}
    assert vm("create", "cpu", "box", "--count", "0").code == 2


def test_of_several_those_that_can_be_had_are_told_beside_the_failure(vm: Cli, cloud: loopback.Cloud) -> None:
    cloud.faults.quota("GPUS_ALL_REGIONS", 1)
    said = vm("create", "t4", "gpu", "--count", "2", "--over-budget")
    assert said.code == 1 and len(said.out.splitlines()) == 1 and "GPUS_ALL_REGIONS" in said.err
    assert "console.cloud.google.com" in said.err


def test_nothing_is_deleted_unless_its_name_is_given_twice(vm: Cli, cloud: loopback.Cloud) -> None:
    vm("create", "cpu", "cpu-1")
    for words in (("delete", "cpu-1"), ("delete", "cpu-1", "--yes", "cpu-2"), ("delete", "cpu-1", "--json")):
        said = vm(*words)
        assert said.code == 2 and "--yes cpu-1" in said.err
    assert cloud.machine("cpu-1")["status"] == "RUNNING"
    assert vm("orphans", "--delete", "machine", "cpu-1", "us-central1-a").code == 2


def test_what_is_asked_wrong_ends_with_2_and_what_goes_wrong_outside_with_1(vm: Cli, cloud: loopback.Cloud) -> None:
    for words in (("create", "h100", "a"), ("create", "cpu", "$(reboot)"), ("describe", "none"), ("stop", "none"),
                  ("create", "cpu", "a\nb"), ("ssh", "none"), ("plan", "cpu", "'; ls")):  # fmt: skip
        said = vm(*words)
        assert said.code == 2 and "footplate: " in said.err and "→" in said.err, words
    cloud.faults.stock_out()
    said = vm("create", "cpu", "cpu-9")
    assert said.code == 1 and "no n1-standard-4 standard machine to be had" in said.err


@pytest.fixture
def unasked(cli: Cli, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The verb where the cloud must not be asked, and nobody is logged in."""

    def desk(here: Workspace) -> Desk:
        raise AssertionError("the cloud's libraries would have been loaded")

    computer = tmp_path / "product_name"
    computer.write_text("Bench 3000\n")
    for name in (logins.KEY, *logins.BY_ITSELF):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setattr(logins.checked, "__defaults__", (os.environ, computer))
    monkeypatch.setattr(machines, "desk", desk)
    return lambda *words: cli("vm", *words)


def test_bad_input_and_nobody_logged_in_are_told_before_the_cloud_is_loaded(unasked: Cli) -> None:
    for words, said in (
        (("create", "h100", "gpu-1"), "no kind of machine 'h100'"),
        (("plan", "cpu", "A b"), "cannot be a machine's name"),
        (("create", "cpu", "B", "--count", "2"), "'B-2' cannot be"),
        (("stop", "$(id)"), "cannot be a machine's name"),
        (("ssh", "; ls", "--", "true"), "cannot be a machine's name"),
    ):  # fmt: skip
        told = unasked(*words)
        assert told.code == 2 and said in told.err and "→" in told.err, words
    told = unasked("list")
    assert told.code == 1 and "nobody is logged in" in told.err and "application-default login" in told.err
    assert "could not be asked" in unasked("costs").err


def test_who_may_be_logged_in_is_asked_of_the_cloud(tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text("{}")
    (tmp_path / "google").write_text("Google Compute Engine\n")
    (tmp_path / "other").write_text("Bench 3000\n")
    nobody = {"CLOUDSDK_CONFIG": str(tmp_path / "none")}
    logins.checked(Settings(), {logins.KEY: str(tmp_path / "key.json")}, tmp_path / "other")
    logins.checked(Settings(), nobody, tmp_path / "google")
    logins.checked(Settings(), nobody, tmp_path / "unknown")
    logins.checked(Settings(), {**nobody, "GCE_METADATA_HOST": "x"}, tmp_path / "other")
    logins.checked(Settings(endpoint="http://127.0.0.1:1"), nobody, tmp_path / "other")
    for environ in (nobody, {logins.KEY: str(tmp_path / "none.json"), "GCE_METADATA_HOST": "x"}):
        with pytest.raises(NoCredentials):
            logins.checked(Settings(), environ, tmp_path / "other")


def test_settings_are_told_a_line_a_kind(cli: Cli, workspace: Workspace) -> None:
    lines = cli("vm", "settings").out.splitlines()
    at = lines.index("kinds:")
    assert [line.split(":")[0] for line in lines[at + 1 : at + 4]] == ["  t4-spot", "  t4", "  cpu"]
    assert all('machine_type="n1-standard-4"' in line for line in lines[at + 1 : at + 4])


@outside.needs("sshd", "ssh")
def test_words_for_a_machine_reach_it_as_they_are(
    vm: Cli, workspace: Workspace, cloud: loopback.Cloud, shared: dict[str, Desk]
) -> None:
    vm("create", "cpu", "cpu-1")
    assert json.loads(vm("trust", "cpu-1", "--json").out)["known"]
    words = ["$(id)", "; ls", "a  b", "'", "*"]
    assert vm("ssh", "cpu-1", "--", "sh", "-c", 'printf "%s|" "$@" > said', "sh", *words).code == 0
    assert (cloud.home("cpu-1") / "said").read_text() == "".join(f"{word}|" for word in words)
    assert vm("ssh", "cpu-1", "--", "sh", "-c", "exit 7").code == 7
    assert not json.loads(vm("trust", "cpu-1", "--forget", "--json").out)["known"]
    said = vm("ssh", "cpu-1", "--", "true")
    assert said.code == 1 and "footplate vm trust cpu-1" in said.err


def test_a_workspace_without_settings_is_told_how_to_get_them(cli: Cli, workspace: Workspace) -> None:
    machines.file(workspace).unlink()
    said = cli("vm", "list")
    assert said.code == 2 and "footplate vm settings --write" in said.err
    assert cli("vm", "settings", "--write").code == 0
    assert machines.file(workspace).read_text() == TEXT
    assert cli("vm", "settings", "--write").code == 2


def test_the_settings_that_are_shipped_hold_the_kinds_of_the_lab() -> None:
    known = parse(Machines, TEXT, "machines.yaml").value()
    assert isinstance(known, Settings) and not known.simulated and known.endpoint == ""
    assert [(one.name, one.gpus, one.spot) for one in known.kinds.values()] == [
        ("t4-spot", 1, True), ("t4", 1, False), ("cpu", 0, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"endpoint": "http://10.0.0.1:80"}, "endpoint"),
        ({"endpoint": "http://127.0.0.1.evil.example"}, "endpoint"),
        ({"label": "Lab $(x)"}, "label"),
        ({"zones": []}, "zones"),
        ({"zones": ["us-central1-a", "us-central1-a"]}, "zones"),
        ({"zones": ["us-central1"]}, "zones"),
        ({"project": "-x"}, "project"),
        ({"budget": {"month_usd": -1}}, "budget.month_usd"),
        ({"kinds": {"T4": {"machine_type": "n1", "image": {"project": "p", "family": "f"}}}}, "kinds"),
        ({"kinds": {"t4": {"machine_type": "n1", "gpus": 1, "image": {"project": "p", "family": "f"}}}}, "kinds.t4"),
        ({"hosts": {"box": {}}}, "hosts.box.address"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_faults_of_the_settings_are_named_with_their_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(SpecError) as wrong:
        parse(Machines, yaml.safe_dump({**yaml.safe_load(TEXT), **change}), "machines.yaml")
    assert any(f": {place}" in fault for fault in wrong.value.faults)


def test_the_command_itself_asks_the_cloud_in_another_process(workspace: Workspace, cloud: loopback.Cloud) -> None:
    written(workspace, cloud)
    words = ["-w", str(workspace.root), "vm", "list", "--json"]
    code = (
        f"import sys\nfrom tui.__main__ import main\ncode = main({words!r})\n"
        "assert not {'google', 'textual', 'torch'} & set(sys.modules)\nsys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, json.loads(done.stdout)) == (0, []), done.stderr


def test_help_tells_every_act_without_the_cloud(tmp_path: Path) -> None:
    code = "import sys\nfrom tui.__main__ import main\ntry: main(['vm', '--help'])\nexcept SystemExit: pass\n"
    told = code + "assert not {'google', 'yaml', 'pydantic', 'textual'} & set(sys.modules), sys.modules"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for act in ("list", "plan", "create", "start", "stop", "delete", "ssh", "orphans", "costs", "prices", "audit"):
        assert f"  {act} " in done.stdout
