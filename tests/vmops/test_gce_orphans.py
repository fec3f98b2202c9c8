"""What costs without use: found, told with its cost, and deleted only when it is named as it is listed."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from google.cloud import compute_v1 as api

from tests.vmops.gce import Lab, lab
from vmops import audit, loopback
from vmops.errors import Conflict, Refused

ZONE = "us-central1-a"


@pytest.fixture
def here(cloud: loopback.Cloud, tmp_path: Path) -> Lab:
    return lab(cloud, tmp_path / "machines")


def disk(here: Lab, name: str) -> None:
    clients = here.gce._cloud.clients
    wanted = api.Disk(name=name, size_gb=200, type_=f"zones/{ZONE}/diskTypes/pd-ssd")
    operation = clients.disks.insert_unary(project=clients.project, zone=ZONE, disk_resource=wanted)
    here.gce._cloud.wait(ZONE, operation.name, "a disk", here.say)


def address(here: Lab, name: str) -> None:
    clients = here.gce._cloud.clients
    operation = clients.addresses.insert_unary(
        project=clients.project, region="us-central1", address_resource=api.Address(name=name)
    )
    clients.region_operations.wait(project=clients.project, region="us-central1", operation=operation.name)


def test_disks_that_nothing_uses_are_listed_with_what_a_month_costs(here: Lab) -> None:
    here.gce.create("cpu", "gpu-1")
    disk(here, "old-data")
    (orphan,) = here.gce.orphans()  # and not the disk of the machine
    assert (orphan.what, orphan.name, orphan.place) == ("disk", "old-data", ZONE)
    assert orphan.monthly_usd == pytest.approx(200 * 0.17) and "200 GB of pd-ssd" in orphan.why


def test_addresses_that_are_kept_for_nobody_are_listed(here: Lab) -> None:
    address(here, "kept")
    (orphan,) = here.gce.orphans()
    assert (orphan.what, orphan.name, orphan.place) == ("address", "kept", "us-central1")
    assert orphan.monthly_usd == pytest.approx(7.30)


def test_a_machine_of_ours_that_this_workspace_never_asked_for_is_listed(here: Lab, tmp_path: Path) -> None:
    lab(here.cloud, tmp_path / "another").gce.create("t4-spot", "gpu-1")
    (orphan,) = here.gce.orphans()
    assert (orphan.what, orphan.name, orphan.place) == ("machine", "gpu-1", ZONE)
    assert orphan.monthly_usd == pytest.approx(0.2366 * 730, rel=0.01) and "nobody asked for it" in orphan.why


def test_of_two_machines_of_one_name_the_unknown_one_is_an_orphan_and_no_act_guesses(here: Lab, tmp_path: Path) -> None:
    here.gce.create("cpu", "gpu-1")
    entry = here.folder / "operations" / "gpu-1.json"
    known = json.loads(entry.read_text())
    other = lab(here.cloud, tmp_path / "another", zones=("us-east1-c",), label="other")
    other_body = other.gce.plan("cpu", "gpu-1").body
    wanted = api.Instance.from_json(json.dumps({**other_body, "labels": {"footplate": "lab", "footplate-kind": "cpu"}}))
    clients = here.gce._cloud.clients
    operation = clients.instances.insert_unary(project=clients.project, zone="us-east1-c", instance_resource=wanted)
    here.gce._cloud.wait("us-east1-c", operation.name, "a double", here.say)
    assert known["zone"] == ZONE
    for act in ("start", "stop", "delete", "machine"):
        with pytest.raises(Conflict, match=r"2 machines gpu-1: in us-central1-a, us-east1-c"):
            getattr(here.gce, act)("gpu-1")
    (orphan,) = here.gce.orphans()
    assert (orphan.what, orphan.place) == ("machine", "us-east1-c") and "another gpu-1" in orphan.why
    here.gce.delete_orphan("machine", "gpu-1", "us-east1-c", here.say)
    assert here.there() == [("gpu-1", ZONE)] and here.gce.machine("gpu-1").zone == ZONE


def test_a_machine_that_stands_stopped_for_long_counts_as_forgotten(here: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    here.gce.create("cpu", "gpu-1")
    here.gce.stop("gpu-1")
    assert here.gce.orphans() == []
    later = time.time() + 8 * 86400
    monkeypatch.setattr("vmops.gcp.orphans.time.time", lambda: later)
    (orphan,) = here.gce.orphans()
    assert "stopped for 8 days" in orphan.why and orphan.monthly_usd == pytest.approx(5.0)


@pytest.mark.parametrize("what", ["disk", "address"])
def test_an_orphan_is_deleted_once_it_is_named_and_audited(here: Lab, what: str) -> None:
    (disk if what == "disk" else address)(here, "old-1")
    place = ZONE if what == "disk" else "us-central1"
    here.gce.delete_orphan(what, "old-1", place, here.say)
    assert here.gce.orphans() == []
    lines = audit.read(here.folder).lines
    assert [(line.act, line.machine) for line in lines] == [("asked", "old-1"), ("deleted_orphan", "old-1")]


def test_what_is_not_listed_is_not_deleted(here: Lab) -> None:
    here.gce.create("cpu", "gpu-1")
    before = here.changes()
    for what, name, place in (("disk", "gpu-1", ZONE), ("machine", "gpu-1", ZONE), ("address", "x", "us-east1"),
                              ("disk", "$(x)", ZONE), ("bucket", "b", ZONE)):  # fmt: skip
        with pytest.raises(Refused):
            here.gce.delete_orphan(what, name, place, here.say)
    assert here.changes() == before


def test_a_workspace_that_lost_its_folder_finds_its_machines_again_as_orphans(here: Lab) -> None:
    here.gce.create("cpu", "gpu-1")
    shutil.rmtree(here.folder)
    assert [one.name for one in here.gce.machines()] == ["gpu-1"]
    assert [one.name for one in here.gce.orphans()] == ["gpu-1"]
    assert here.gce.delete("gpu-1").state == "gone"
