"""Conformance: what the real client sees of instances, here and, where a project was lent, at Google's."""

from __future__ import annotations

import uuid

import pytest
from google.api_core import exceptions
from google.cloud import compute_v1 as c

from tests.vmops.loopback.place import LABELS, REGION, ZONE, Place, body, new_name, spot


def reason(refused: exceptions.GoogleAPICallError) -> str:
    return str(refused.errors[0]["reason"])


# --- making and unmaking ----------------------------------------------------------------------------------------------


def test_an_insert_is_an_operation_that_ends_well(place: Place) -> None:
    name = new_name()
    asked = place.insert(name)
    assert asked.status in (c.Operation.Status.PENDING, c.Operation.Status.RUNNING)
    assert asked.operation_type == "insert" and asked.target_link.endswith(f"/zones/{ZONE}/instances/{name}")
    done = place.done(asked)
    assert (done.status, done.progress, list(done.error.errors)) == (c.Operation.Status.DONE, 100, [])
    place.act("delete", name)


def test_what_was_inserted_runs_with_an_id_an_address_and_a_beginning(place: Place, running: str) -> None:
    found = place.get(running)
    assert found.status == "RUNNING" and found.zone.endswith(f"/zones/{ZONE}")
    assert found.id > 10**15 and found.last_start_timestamp
    assert found.network_interfaces[0].access_configs[0].nat_i_p.count(".") == 3
    assert dict(found.labels) == LABELS and found.machine_type.endswith(f"/zones/{ZONE}/machineTypes/e2-micro")


def test_what_is_not_there_is_not_found(place: Place) -> None:
    with pytest.raises(exceptions.NotFound, match=rf"projects/{place.project}/zones/{ZONE}/instances/none") as refused:
        place.get("none")
    assert reason(refused.value) == "notFound"


def test_a_name_that_is_taken_is_refused(place: Place, running: str) -> None:
    with pytest.raises(exceptions.Conflict, match="already exists") as refused:
        place.insert(running)
    assert reason(refused.value) == "alreadyExists"


def test_the_same_request_twice_is_one_machine_and_one_operation(place: Place) -> None:
    name, request_id = new_name(), str(uuid.uuid4())
    first, second = (place.insert(name, request_id=request_id) for _ in range(2))
    assert first.name == second.name
    assert not place.done(second).error.errors
    place.act("delete", name)


@pytest.mark.parametrize("name", ["Upper", "1st", "with_underline", "ends-", "a" * 64])
def test_a_name_that_is_none_is_refused(place: Place, name: str) -> None:
    with pytest.raises(exceptions.BadRequest, match=r"resource\.name") as refused:
        place.insert(name)
    assert reason(refused.value) == "invalid"


@pytest.mark.parametrize("labels", [{"Upper": "x"}, {"key": "Upper"}, {"key": "x y"}, {"key": "$(reboot)"}])
def test_a_label_that_is_none_is_refused(place: Place, labels: dict[str, str]) -> None:
    with pytest.raises(exceptions.BadRequest) as refused:
        place.insert(new_name(), labels=labels)
    assert reason(refused.value) == "invalid"


def test_a_machine_type_that_does_not_exist_is_refused(place: Place) -> None:
    with pytest.raises(exceptions.ClientError):
        place.insert(new_name(), machine_type=f"zones/{ZONE}/machineTypes/n1-standard-5000")


def test_an_image_that_does_not_exist_is_refused(place: Place) -> None:
    params = c.AttachedDiskInitializeParams(source_image="projects/debian-cloud/global/images/family/debian-1")
    with pytest.raises(exceptions.ClientError):
        place.insert(new_name(), disks=[c.AttachedDisk(boot=True, initialize_params=params)])


def test_a_machine_without_a_disk_is_refused(place: Place) -> None:
    with pytest.raises(exceptions.BadRequest):
        place.insert(new_name(), disks=[])


def test_a_gpu_with_live_migration_is_refused(place: Place) -> None:
    kind = c.AcceleratorConfig(accelerator_type=f"zones/{ZONE}/acceleratorTypes/nvidia-tesla-t4", accelerator_count=1)
    with pytest.raises(exceptions.BadRequest, match="live migration"):
        place.insert(
            new_name(),
            machine_type=f"zones/{ZONE}/machineTypes/n1-standard-4",
            guest_accelerators=[kind],
            scheduling=c.Scheduling(on_host_maintenance="MIGRATE"),
        )


def test_spot_with_automatic_restart_is_refused(place: Place) -> None:
    with pytest.raises(exceptions.BadRequest):
        place.insert(new_name(), scheduling=spot(automatic_restart=True))


# --- stop and start ---------------------------------------------------------------------------------------------------


def test_a_stopped_machine_keeps_its_disk_and_gives_its_address_back(place: Place) -> None:
    name = place.made().name
    assert not place.act("stop", name).error.errors
    found = place.get(name)
    assert found.status == "TERMINATED" and found.last_stop_timestamp
    assert not found.network_interfaces[0].access_configs[0].nat_i_p
    assert list(place.disks.get(project=place.project, zone=ZONE, disk=name).users) == [found.self_link]
    assert not place.act("stop", name).error.errors, "what is stopped can be stopped"
    assert not place.act("start", name).error.errors
    again = place.get(name)
    assert again.status == "RUNNING" and again.network_interfaces[0].access_configs[0].nat_i_p
    assert again.id == found.id and again.last_start_timestamp > found.last_start_timestamp
    place.act("delete", name)


def test_a_machine_that_runs_can_be_started(place: Place, running: str) -> None:
    assert not place.act("start", running).error.errors


def test_what_is_deleted_is_gone_with_its_disk(place: Place) -> None:
    name = place.made().name
    assert not place.act("delete", name).error.errors
    with pytest.raises(exceptions.NotFound):
        place.get(name)
    with pytest.raises(exceptions.NotFound):
        place.disks.get(project=place.project, zone=ZONE, disk=name)


def test_a_disk_that_does_not_go_with_its_machine_is_left_without_users(place: Place) -> None:
    name = place.made(auto_delete=False).name
    place.act("delete", name)
    left = place.disks.get(project=place.project, zone=ZONE, disk=name)
    assert not left.users and left.size_gb == 10 and left.last_detach_timestamp
    place.done(place.disks.delete_unary(project=place.project, zone=ZONE, disk=name))


def test_a_disk_in_use_cannot_be_deleted(place: Place, running: str) -> None:
    with pytest.raises(exceptions.BadRequest) as refused:
        place.disks.delete_unary(project=place.project, zone=ZONE, disk=running)
    assert reason(refused.value) == "resourceInUseByAnotherResource"


def test_a_protected_machine_is_not_deleted(place: Place) -> None:
    name = place.made(deletion_protection=True).name
    with pytest.raises(exceptions.GoogleAPICallError, match="protected against deletion"):
        place.act("delete", name)
    words = {"project": place.project, "zone": ZONE, "resource": name, "deletion_protection": False}
    place.done(place.instances.set_deletion_protection_unary(c.SetDeletionProtectionInstanceRequest(**words)))
    assert not place.act("delete", name).error.errors


# --- labels and metadata ----------------------------------------------------------------------------------------------


def test_labels_are_changed_by_who_has_seen_the_last_ones(place: Place, running: str) -> None:
    seen = place.get(running).label_fingerprint

    def asked(labels: dict[str, str]) -> c.Operation:
        wanted = c.InstancesSetLabelsRequest(label_fingerprint=seen, labels=labels)
        return place.instances.set_labels_unary(**place.at(running), instances_set_labels_request_resource=wanted)

    place.done(asked({**LABELS, "more": "yes"}))
    assert dict(place.get(running).labels) == {**LABELS, "more": "yes"}
    with pytest.raises(exceptions.PreconditionFailed) as refused:
        asked(LABELS)
    assert reason(refused.value) == "conditionNotMet"


def test_metadata_is_changed_by_who_has_seen_the_last_one(place: Place, running: str) -> None:
    seen = place.get(running).metadata.fingerprint

    def asked(value: str) -> c.Operation:
        wanted = c.Metadata(fingerprint=seen, items=[c.Items(key="footplate-test", value=value)])
        return place.instances.set_metadata_unary(**place.at(running), metadata_resource=wanted)

    place.done(asked("1"))
    assert {item.key: item.value for item in place.get(running).metadata.items} == {"footplate-test": "1"}
    with pytest.raises(exceptions.PreconditionFailed):
        asked("2")


def test_the_serial_port_is_read_from_where_one_was(place: Place, running: str) -> None:
    first = place.instances.get_serial_port_output(**place.at(running))
    rest = place.instances.get_serial_port_output(
        c.GetSerialPortOutputInstanceRequest(**place.at(running), start=first.next_)
    )
    assert rest.start == first.next_ and first.next_ >= len(first.contents.encode()) > 0


# --- lists and operations ---------------------------------------------------------------------------------------------


def test_machines_of_all_zones_are_found_by_their_label(place: Place, running: str) -> None:
    def found(words: str) -> list[str]:
        asked = c.AggregatedListInstancesRequest(project=place.project, filter=words)
        return [one.name for _, scope in place.instances.aggregated_list(asked) for one in scope.instances]

    assert running in found("labels.footplate=tests")
    assert running in found(f'(labels.footplate = "tests") AND (name = "{running}")')
    assert not found("labels.footplate=somebody-else") and running not in found(f"name != {running}")


def test_scopes_without_anything_say_so(place: Place) -> None:
    scopes = dict(place.instances.aggregated_list(project=place.project))
    assert scopes["zones/us-west1-b"].warning.code == "NO_RESULTS_ON_PAGE"


def test_pages_hold_every_entry_once(place: Place) -> None:
    kinds = place.client("MachineTypes")
    whole = [one.name for one in kinds.list(project=place.project, zone=ZONE)]
    small = c.ListMachineTypesRequest(project=place.project, zone=ZONE, max_results=7)
    assert [one.name for one in kinds.list(small)] == whole and len(set(whole)) == len(whole) > 7


def test_pages_over_all_zones_hold_every_entry_once(place: Place) -> None:
    kinds = place.client("AcceleratorTypes")

    def seen(most: int) -> list[str]:
        asked = c.AggregatedListAcceleratorTypesRequest(project=place.project, max_results=most)
        return sorted(one.self_link for _, scope in kinds.aggregated_list(asked) for one in scope.accelerator_types)

    assert seen(5) == seen(500) and len(set(seen(5))) == len(seen(5)) > 5


def test_a_page_of_more_than_can_be_is_refused(place: Place) -> None:
    with pytest.raises(exceptions.BadRequest):
        list(place.instances.list(c.ListInstancesRequest(project=place.project, zone=ZONE, max_results=501)))


def test_operations_are_found_by_name_and_by_type(place: Place, running: str) -> None:
    asked = place.instances.start_unary(**place.at(running))
    done = place.done(asked)
    assert place.operations.get(project=place.project, zone=ZONE, operation=asked.name).status == done.status
    wanted = c.ListZoneOperationsRequest(project=place.project, zone=ZONE, filter='operationType="start"')
    found = list(place.operations.list(wanted))
    assert asked.name in [one.name for one in found] and {one.operation_type for one in found} == {"start"}


def test_an_operation_that_never_was_is_not_found(place: Place) -> None:
    with pytest.raises(exceptions.NotFound):
        place.operations.wait(project=place.project, zone=ZONE, operation="operation-0-0-0-0")


# --- what is offered --------------------------------------------------------------------------------------------------


def test_a_region_has_zones_and_quotas(place: Place) -> None:
    region = place.client("Regions").get(project=place.project, region=REGION)
    quotas = {quota.metric: quota for quota in region.quotas}
    assert any(zone.endswith(ZONE) for zone in region.zones)
    assert {"CPUS", "NVIDIA_T4_GPUS", "PREEMPTIBLE_NVIDIA_T4_GPUS", "DISKS_TOTAL_GB"} <= set(quotas)
    assert quotas["CPUS"].limit > 0


def test_a_project_has_quotas_of_its_own(place: Place) -> None:
    found = place.client("Projects").get(project=place.project)
    assert "GPUS_ALL_REGIONS" in {quota.metric for quota in found.quotas} and found.name == place.project


def test_zones_lead_to_their_regions(place: Place) -> None:
    zones = {zone.name: zone for zone in place.client("Zones").list(project=place.project)}
    assert zones[ZONE].status == "UP" and zones[ZONE].region.endswith(REGION)


def test_a_machine_type_has_processors_and_memory(place: Place) -> None:
    kind = place.client("MachineTypes").get(project=place.project, zone=ZONE, machine_type="n1-standard-4")
    assert (kind.guest_cpus, kind.memory_mb) == (4, 15360)


def test_a_zone_says_which_gpus_it_has(place: Place) -> None:
    found = place.client("AcceleratorTypes").list(project=place.project, zone=ZONE)
    assert "nvidia-tesla-t4" in [one.name for one in found]


def test_a_family_leads_to_its_newest_image(place: Place) -> None:
    images = place.client("Images")
    found = images.get_from_family(project="debian-cloud", family="debian-12")
    assert found.family == "debian-12" and found.name.startswith("debian-12-") and found.disk_size_gb == 10
    with pytest.raises(exceptions.NotFound):
        images.get_from_family(project="debian-cloud", family="debian-1")


def test_an_address_is_reserved_and_given_back(place: Place) -> None:
    addresses, name = place.client("Addresses"), new_name("ip")
    where = {"project": place.project, "region": REGION}
    regional = place.client("RegionOperations")

    def done(asked: c.Operation) -> None:
        while asked.status != c.Operation.Status.DONE:
            asked = regional.wait(**where, operation=asked.name)

    done(addresses.insert_unary(**where, address_resource=c.Address(name=name)))
    found = addresses.get(**where, address=name)
    assert found.status == "RESERVED" and found.address.count(".") == 3
    listed = [one.name for _, scope in addresses.aggregated_list(project=place.project) for one in scope.addresses]
    assert name in listed
    done(addresses.delete_unary(**where, address=name))
    with pytest.raises(exceptions.NotFound):
        addresses.get(**where, address=name)


def test_unused_fields_of_a_request_come_back_as_they_were(place: Place) -> None:
    name = new_name()
    place.made(name, description="for tests", tags=c.Tags(items=["one"]))
    found = place.get(name)
    assert found.description == "for tests" and list(found.tags.items) == ["one"]
    assert body(name).name == found.name
    place.act("delete", name)
