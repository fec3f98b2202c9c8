"""Stock-outs, quotas, broken connections, preemption and limits, as the real client sees them."""

from __future__ import annotations

import threading
import time
import uuid

import pytest
from google.api_core import exceptions
from google.cloud import compute_v1 as c
from requests.exceptions import ConnectionError as Cut

from tests import lab
from tests.vmops.loopback.place import ZONE, Place, body, gpu, new_name, spot
from vmops import loopback


def names(place: Place) -> list[str]:
    return [one.name for _, scope in place.instances.aggregated_list(project=place.project) for one in scope.instances]


def operations(place: Place, kind: str) -> list[c.Operation]:
    wanted = c.ListZoneOperationsRequest(project=place.project, zone=ZONE, filter=f"operationType={kind}")
    return list(place.operations.list(wanted))


# --- not to be had ----------------------------------------------------------------------------------------------------


def test_a_stock_out_is_a_typed_error_and_leaves_nothing(cloud: loopback.Cloud, here: Place) -> None:
    cloud.faults.stock_out(ZONE)
    done = here.done(here.insert("gpu-1", **gpu()))
    error = done.error.errors[0]
    assert error.code == "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS" and ZONE in error.message
    assert done.http_error_status_code == 503
    info = error.error_details[0].error_info
    assert info.reason == "resource_availability" and info.metadatas["attachment"] == "nvidia-tesla-t4:1"
    assert not names(here) and not list(here.disks.list(project=here.project, zone=ZONE))
    assert not here.done(here.insert("gpu-1", zone="us-central1-b", **gpu("us-central1-b"))).error.errors


def test_a_stock_out_of_gpus_leaves_other_machines_alone(cloud: loopback.Cloud, here: Place) -> None:
    cloud.faults.stock_out(ZONE, gpu="nvidia-tesla-t4", times=1)
    assert not here.done(here.insert("cpu-1")).error.errors
    assert here.done(here.insert("gpu-1", **gpu())).error.errors
    assert not here.done(here.insert("gpu-1", **gpu())).error.errors, "the stock-out was for once"


def test_a_start_without_stock_leaves_the_machine_stopped(cloud: loopback.Cloud, here: Place) -> None:
    here.made("vm")
    here.act("stop", "vm")
    cloud.faults.stock_out(ZONE)
    assert here.act("start", "vm").error.errors[0].code == "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS"
    assert here.get("vm").status == "TERMINATED"


def test_a_quota_that_does_not_suffice_is_named_in_the_operation(cloud: loopback.Cloud, here: Place) -> None:
    cloud.faults.quota("PREEMPTIBLE_NVIDIA_T4_GPUS", 1, "us-central1")
    assert not here.done(here.insert("gpu-1", **gpu())).error.errors
    done = here.done(here.insert("gpu-2", **gpu()))
    error = done.error.errors[0]
    assert error.code == "QUOTA_EXCEEDED" and "'PREEMPTIBLE_NVIDIA_T4_GPUS' exceeded" in error.message
    assert error.error_details[0].quota_info.limit == 1 and names(here) == ["gpu-1"]
    region = here.client("Regions").get(project=here.project, region="us-central1")
    usage = {quota.metric: (quota.usage, quota.limit) for quota in region.quotas}
    assert usage["PREEMPTIBLE_NVIDIA_T4_GPUS"] == (1, 1)
    here.act("stop", "gpu-1")
    assert not here.done(here.insert("gpu-2", **gpu())).error.errors, "what is stopped does not count"


def test_a_quota_of_nothing_refuses_the_call_itself(cloud: loopback.Cloud, here: Place) -> None:
    cloud.faults.quota("GPUS_ALL_REGIONS", 0)
    with pytest.raises(exceptions.Forbidden, match="GPUS_ALL_REGIONS") as refused:
        here.insert("gpu-1", **gpu())
    assert refused.value.errors[0]["reason"] == "quotaExceeded" and not names(here)


def test_an_operation_can_end_with_any_code(cloud: loopback.Cloud, here: Place) -> None:
    cloud.faults.break_operation("start", "RESOURCE_NOT_READY", "not yet", status=400)
    cloud.faults.break_operation("insert", "INTERNAL_ERROR", status=500)
    assert here.done(here.insert("vm")).error.errors[0].code == "INTERNAL_ERROR" and not names(here)
    here.made("vm")
    here.act("stop", "vm")
    assert here.act("start", "vm").error.errors[0].code == "RESOURCE_NOT_READY"
    assert not here.act("start", "vm").error.errors


# --- the way there ----------------------------------------------------------------------------------------------------


def test_a_server_that_is_busy_answers_when_it_is_asked_again(cloud: loopback.Cloud, here: Place) -> None:
    cloud.faults.fail("/zones$", 503, times=2)
    zones = here.client("Zones")
    for _ in range(2):
        with pytest.raises(exceptions.ServiceUnavailable):
            list(zones.list(project=here.project, retry=None))
    assert list(zones.list(project=here.project, retry=None))


def test_an_answer_that_was_lost_was_an_act_that_was_done_once(cloud: loopback.Cloud, here: Place) -> None:
    cloud.faults.lose_answer("/instances$", method="POST")
    request_id = str(uuid.uuid4())
    with pytest.raises(Cut):
        here.insert("vm", request_id=request_id)
    assert not here.done(here.insert("vm", request_id=request_id)).error.errors
    assert names(here) == ["vm"] and len(operations(here, "insert")) == 1
    posts = [call for call in cloud.calls if call.method == "POST" and call.url_path.endswith("/instances")]
    assert len(posts) == 2 and all(call.changes for call in posts)


def test_two_who_insert_the_same_name_get_one_machine(here: Place) -> None:
    said: list[object] = []

    def insert() -> None:
        try:
            said.append(here.insert("vm"))
        except exceptions.Conflict as refused:
            said.append(refused)

    both = [threading.Thread(target=insert) for _ in range(8)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(type(one).__name__ for one in said) == ["Conflict"] * 7 + ["Operation"]
    assert names(here) == ["vm"]


def test_a_slow_call_is_one_that_a_deadline_ends(cloud: loopback.Cloud, here: Place) -> None:
    cloud.faults.slow("/zones$", 30.0, times=1)
    with pytest.raises(Exception, match=r"[Tt]imed? ?out"):
        list(here.client("Zones").list(project=here.project, timeout=0.3, retry=None))


def test_what_is_in_progress_is_not_ready_for_more(tmp_path: object, here: Place, cloud: loopback.Cloud) -> None:
    here.made("vm")
    cloud.pace_s = 0.5
    asked = here.instances.stop_unary(**here.at("vm"))
    with pytest.raises(exceptions.BadRequest) as refused:
        here.instances.start_unary(**here.at("vm"))
    assert refused.value.errors[0]["reason"] == "resourceNotReady"
    assert not here.done(asked).error.errors


# --- what happens without being asked for -----------------------------------------------------------------------------


def test_a_preempted_machine_is_stopped_and_an_operation_says_so(cloud: loopback.Cloud, here: Place) -> None:
    made = here.made("gpu-1", **gpu())
    here.done(here.operations.get(project=here.project, zone=ZONE, operation=cloud.preempt("gpu-1", notice_s=0.1)))
    assert here.get("gpu-1").status == "TERMINATED"
    found = operations(here, "compute.instances.preempted")
    assert [one.target_id for one in found] == [made.id] and found[0].user == "system@google.com"
    assert not here.act("start", "gpu-1").error.errors


def test_a_machine_that_is_to_be_deleted_by_preemption_is(cloud: loopback.Cloud, here: Place) -> None:
    here.made("vm", scheduling=spot(instance_termination_action="DELETE"))
    here.done(here.operations.get(project=here.project, zone=ZONE, operation=cloud.preempt("vm", notice_s=0.1)))
    assert not names(here)


def test_a_simulated_maintenance_event_preempts_a_spot_machine(cloud: loopback.Cloud, here: Place) -> None:
    cloud.notice_s = 0.1
    here.made("vm", scheduling=spot())
    here.done(here.instances.simulate_maintenance_event_unary(**here.at("vm")))
    assert here.get("vm").status == "TERMINATED"


@pytest.mark.parametrize("action", ["STOP", "DELETE"])
def test_a_machine_ends_when_it_has_run_for_as_long_as_it_may(here: Place, action: str) -> None:
    limit = c.Scheduling(max_run_duration=c.Duration(seconds=1), instance_termination_action=action)
    made = here.made("vm", scheduling=limit)
    assert made.resource_status.scheduling.termination_timestamp > made.last_start_timestamp
    ended = ["TERMINATED"] if action == "STOP" else []
    lab.until(
        lambda: [one.status for one in here.instances.list(project=here.project, zone=ZONE)] == ended, "the limit"
    )
    kind = "terminate" if action == "STOP" else "delete"
    assert operations(here, f"compute.instances.{kind}OnRunDurationExpiry")


def test_a_limit_without_what_to_do_then_is_refused(here: Place) -> None:
    with pytest.raises(exceptions.BadRequest, match="termination action"):
        here.insert("vm", scheduling=c.Scheduling(max_run_duration=c.Duration(seconds=3600)))


# --- what only this cloud promises ------------------------------------------------------------------------------------


def test_another_project_or_zone_is_not_found(here: Place) -> None:
    with pytest.raises(exceptions.NotFound, match="projects/other"):
        here.instances.get(project="other", zone=ZONE, instance="vm")
    with pytest.raises(exceptions.NotFound, match="zones/mars-a"):
        here.instances.insert_unary(project=here.project, zone="mars-a", instance_resource=body(new_name()))


def test_a_filter_that_is_none_is_refused(here: Place) -> None:
    with pytest.raises(exceptions.BadRequest, match="filter"):
        list(here.instances.list(c.ListInstancesRequest(project=here.project, zone=ZONE, filter="name = 'x'; drop")))


def test_machines_pass_through_the_states_that_google_names(cloud: loopback.Cloud, here: Place) -> None:
    cloud.pace_s, seen = 0.2, []
    asked = here.insert("vm")
    end = time.monotonic() + 60
    while time.monotonic() < end and (not seen or seen[-1] != "RUNNING"):
        state = here.get("vm").status
        seen += [state] if seen[-1:] != [state] else []
    here.done(asked)
    assert seen == ["PROVISIONING", "STAGING", "RUNNING"]
