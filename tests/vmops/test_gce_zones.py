"""Zones that have none left, quotas that are used up, and answers that come late, never or wrong."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.vmops.gce import Lab, lab
from vmops import audit, ledger, loopback, prices
from vmops.errors import Broken, Denied, NoCredentials, Quota, Refused, StockOut, Unavailable
from vmops.gcp import asking, quotas
from vmops.settings import Settings


@pytest.fixture
def here(cloud: loopback.Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr(asking, "FIRST_PAUSE_S", 0.01)
    return lab(cloud, tmp_path / "machines")


def test_where_a_zone_has_none_left_the_next_one_is_asked(here: Lab) -> None:
    here.cloud.faults.stock_out("us-central1-a", "us-central1-b")
    assert here.gce.create("t4-spot", "gpu-1", here.say).zone == "us-central1-c"
    assert here.inserts() == ["us-central1-a", "us-central1-b", "us-central1-c"]
    assert here.there() == [("gpu-1", "us-central1-c")]
    assert any("us-central1-a has none left" in words for words in here.said)


def test_a_machine_is_in_the_list_at_every_moment_from_the_asking_to_the_end(here: Lab) -> None:
    here.cloud.faults.stock_out("us-central1-a", "us-central1-b")
    seen: list[tuple[str, str, str]] = []

    def look(words: str) -> None:
        [one] = here.gce.machines()
        assert one.name == "gpu-1" and one.kind == "t4-spot", words
        seen.append((one.state, one.wanted, one.problem))
        known = prices.load(here.folder)
        assert ledger.cost(here.folder, [one], known).so_far == 0 or one.state != "asked"

    here.gce.create("t4-spot", "gpu-1", look)
    assert ("asked", "running", "") in seen, "before the cloud has heard of it"
    assert ("asked", "running", "none left in us-central1-a, us-central1-b") in seen, "and between two zones"
    assert [one.state for one in here.gce.machines()] == ["running"]
    assert not [line for line in audit.read(here.folder).lines if line.act == "observed"], "nothing came or went unseen"


def test_a_zone_that_was_out_within_the_hour_is_asked_last(here: Lab) -> None:
    here.cloud.faults.stock_out("us-central1-a")
    here.gce.create("t4-spot", "gpu-1")
    known = json.loads((here.folder / "stockouts.json").read_text())
    assert list(known) == ["nvidia-tesla-t4 spot us-central1-a"]
    plan = here.gce.plan("t4-spot", "gpu-2")
    assert plan.zones[-1].zone == "us-central1-a" and plan.zones[-1].out_at == pytest.approx(time.time(), abs=60)
    assert here.gce.plan("cpu", "cpu-1").zones[0].zone == "us-central1-a"  # of these it has some
    (here.folder / "stockouts.json").write_text(json.dumps({key: at - 3601 for key, at in known.items()}))
    assert here.gce.plan("t4-spot", "gpu-2").zones[0].zone == "us-central1-a"


def test_where_no_zone_has_any_left_it_is_said_which_were_asked(here: Lab) -> None:
    here.cloud.faults.stock_out()
    with pytest.raises(StockOut, match=r"us-central1-a, .*europe-west4-a") as out:
        here.gce.create("t4", "gpu-1")
    assert "later" in out.value.hint and here.there() == []
    assert audit.read(here.folder).lines[-1].act == "refused"
    here.cloud.faults.restock()
    assert here.gce.create("t4", "gpu-1").state == "running"  # what failed is over: this is a new act


def test_a_zone_without_such_gpus_is_passed_over(cloud: loopback.Cloud, tmp_path: Path) -> None:
    here = lab(cloud, tmp_path, zones=("us-west1-c", "us-west1-b"))
    assert here.gce.create("t4", "gpu-1", here.say).zone == "us-west1-b"


def test_a_stopped_machine_waits_for_its_own_zone(here: Lab) -> None:
    here.gce.create("t4-spot", "gpu-1")
    here.gce.stop("gpu-1")
    here.cloud.faults.stock_out("us-central1-a")
    with pytest.raises(StockOut):
        here.gce.start("gpu-1")
    assert here.gce.machine("gpu-1").state == "stopped"
    with pytest.raises(StockOut):  # and it asks each time, rather than remember
        here.gce.start("gpu-1")
    here.cloud.faults.restock()
    assert here.gce.start("gpu-1").state == "running"


def test_a_regional_quota_is_read_before_asking_and_another_region_is_tried(here: Lab) -> None:
    here.cloud.faults.quota("NVIDIA_T4_GPUS", 0, "us-central1")
    assert here.gce.create("t4", "gpu-1", here.say).zone == "us-east1-c"
    assert here.inserts() == ["us-east1-c"]
    assert any("NVIDIA_T4_GPUS" in words and "us-central1" in words for words in here.said)


def test_a_quota_over_all_regions_ends_it_at_once(here: Lab) -> None:
    here.cloud.faults.quota("GPUS_ALL_REGIONS", 0)
    with pytest.raises(Quota) as refused:
        here.gce.create("t4", "gpu-1")
    assert refused.value.metric == "GPUS_ALL_REGIONS" and not refused.value.region
    assert "limit 0, in use 0, asked 1, over all regions" in refused.value.message
    assert "console.cloud.google.com" in refused.value.hint and not here.inserts()


def test_where_every_region_lacks_quota_the_plan_and_the_act_say_so(here: Lab) -> None:
    here.cloud.faults.quota("NVIDIA_T4_GPUS", 0)
    assert "NVIDIA_T4_GPUS" in here.gce.plan("t4", "gpu-1").problems[0]
    assert all(offer.quota for offer in here.gce.plan("t4", "gpu-1").zones)
    with pytest.raises(Quota, match="NVIDIA_T4_GPUS"):
        here.gce.create("t4", "gpu-1")
    assert not here.inserts()


def test_a_project_without_spot_quota_uses_the_standard_one(here: Lab) -> None:
    here.cloud.faults.quota("PREEMPTIBLE_NVIDIA_T4_GPUS", 0)
    plan = here.gce.plan("t4-spot", "gpu-1")
    assert "NVIDIA_T4_GPUS" in {one.metric for one in plan.quotas} and not plan.problems


def test_a_quota_that_is_used_up_between_the_look_and_the_act_is_told_alike(
    here: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotas, "check", lambda kind, known: None)
    here.cloud.faults.quota("NVIDIA_T4_GPUS", 0, "us-central1")
    assert here.gce.create("t4", "gpu-1").zone == "us-east1-c"
    here.cloud.faults.quota("GPUS_ALL_REGIONS", 0)
    with pytest.raises(Quota, match="GPUS_ALL_REGIONS"):
        here.gce.create("t4", "gpu-2")


def test_the_quotas_that_kinds_need_are_listed(here: Lab) -> None:
    found = {(one.metric, one.region): one.limit for one in here.gce.quotas()}
    assert found["NVIDIA_T4_GPUS", "us-central1"] == 4 and found["GPUS_ALL_REGIONS", ""] == 4


@pytest.mark.parametrize("status", [503, 502, 429])
def test_trouble_on_the_other_side_is_tried_again(here: Lab, status: int) -> None:
    here.cloud.faults.fail("/instances$", status, times=3, method="POST")
    assert here.gce.create("cpu", "gpu-1").state == "running"
    assert len(here.there()) == 1
    assert [call.ok for call in here.calls if "insert" in call.what] == [False, False, False, True]


def test_trouble_that_does_not_end_is_given_up_and_left_to_whoever_asks_again(here: Lab) -> None:
    here.cloud.faults.fail("/instances$", 503, times=asking.TRIES, method="POST")
    with pytest.raises(Unavailable, match="insert"):
        here.gce.create("cpu", "gpu-1")
    assert len(here.inserts()) == asking.TRIES
    assert here.gce.create("cpu", "gpu-1").state == "running"
    assert len({one.query["requestId"] for one in here.inserting()}) == 1 and len(here.there()) == 1


@pytest.mark.parametrize("times", [1, 3])
def test_a_machine_whose_answer_was_lost_is_not_made_twice(here: Lab, times: int) -> None:
    here.cloud.faults.lose_answer("/instances$", times=times, method="POST")
    assert here.gce.create("cpu", "gpu-1").state == "running"
    assert here.there() == [("gpu-1", "us-central1-a")]


@pytest.mark.parametrize("act", ["stop", "start", "delete"])
def test_an_act_whose_answer_was_lost_is_done_once(here: Lab, act: str) -> None:
    here.gce.create("cpu", "gpu-1")
    if act == "start":
        here.gce.stop("gpu-1")
    method = "DELETE" if act == "delete" else "POST"
    here.cloud.faults.lose_answer("/gpu-1" if act == "delete" else f"/{act}$", method=method)
    state = getattr(here.gce, act)("gpu-1").state
    assert state == {"stop": "stopped", "start": "running", "delete": "gone"}[act]


def test_who_may_not_hears_what_is_missing_and_is_not_kept_waiting(here: Lab) -> None:
    here.cloud.faults.fail("/instances$", 403, method="POST")
    with pytest.raises(Denied, match="insert") as denied:
        here.gce.create("cpu", "gpu-1")
    assert "roles/compute.instanceAdmin" in denied.value.hint and len(here.inserts()) == 1


def test_an_operation_that_breaks_is_told_by_its_code_and_can_be_asked_for_again(here: Lab) -> None:
    here.gce.create("cpu", "gpu-1")
    here.cloud.faults.break_operation("delete", "INTERNAL_ERROR", "out of luck", status=500)
    with pytest.raises(Broken, match="INTERNAL_ERROR: out of luck"):
        here.gce.delete("gpu-1")
    assert "out of luck" in (here.gce._cloud.journal.read("gpu-1") or pytest.fail("nothing journaled")).error
    assert here.gce.delete("gpu-1").state == "gone" and here.there() == []


def test_what_is_in_the_middle_of_something_else_is_waited_for(here: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from vmops.gcp import doing

    monkeypatch.setattr(doing, "NOT_READY_PAUSE_S", 0.01)
    here.gce.create("cpu", "gpu-1")
    here.gce.stop("gpu-1")
    here.cloud.faults.break_operation("start", "RESOURCE_NOT_READY", "not ready", times=2, status=400)
    assert here.gce.start("gpu-1", here.say).state == "running"
    assert sum("not ready" in words for words in here.said) == 2


def test_without_credentials_it_is_said_how_to_log_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vmops.gcp.gce import Gce

    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(NoCredentials) as nobody:
        Gce(Settings(project="footplate-lab"), tmp_path, print).machines()
    assert "gcloud auth application-default login" in nobody.value.hint


def test_an_endpoint_elsewhere_is_refused(tmp_path: Path) -> None:
    from vmops.gcp.gce import Gce

    for endpoint in ("http://10.0.0.1:80", "https://compute.example.org", "http://127.evil.example.org"):
        with pytest.raises(Refused, match="not on this computer"):
            Gce(Settings(endpoint=endpoint), tmp_path, print)
