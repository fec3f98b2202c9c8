"""What the operations on instances do: each may be begun again by a cloud that was killed in the middle of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from vmops.loopback import addresses, computer, quotas
from vmops.loopback.asked import last
from vmops.loopback.operations import Act, now
from vmops.loopback.refusals import Failed, stocked_out

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud

Json = dict[str, Any]
NO_SSHD = "no sshd on this computer, so that nobody can log in: install openssh-server"
NOTICE_S = 30.0  # what Compute gives a machine that it preempts


def insert(cloud: Cloud, zone: str, name: str, operation: Json) -> None:
    """Bring a new one up; where that fails there was never one."""
    try:
        cloud.faults.operation(operation)
        _bring_up(cloud, zone, name)
    except Failed:
        _forget(cloud, zone, name, disks=True)
        raise


def start(cloud: Cloud, zone: str, name: str, operation: Json) -> None:
    """Bring one up that was stopped; where that fails it stays stopped."""
    if _status(cloud, zone, name) == "RUNNING":
        return
    try:
        cloud.faults.operation(operation)
        _bring_up(cloud, zone, name)
    except Failed:
        cloud.records.update("instances", zone, name, status="TERMINATED")
        raise


def stop(cloud: Cloud, zone: str, name: str, operation: Json) -> None:
    """Press the power button, wait a little, cut the power; the disk stays."""
    cloud.faults.operation(operation)
    if _status(cloud, zone, name) not in ("TERMINATED", ""):
        _take_down(cloud, zone, name, cloud.grace_s)


def delete(cloud: Cloud, zone: str, name: str, operation: Json) -> None:
    """Stop it, and forget it with those disks that go with it."""
    cloud.faults.operation(operation)
    if _status(cloud, zone, name):
        _take_down(cloud, zone, name, cloud.grace_s)
        _forget(cloud, zone, name, disks=False)


def preempt(cloud: Cloud, zone: str, name: str, operation: Json) -> None:
    """Tell it, give it time, and take it away; by its scheduling it is stopped or deleted then."""
    instance = cloud.records.get("instances", zone, name)
    if not instance or instance["status"] != "RUNNING":
        return
    notice_s = float(operation["_facts"].get("notice_s", NOTICE_S))
    cloud.records.update("instances", zone, name, _preempted=True)
    _take_down(cloud, zone, name, notice_s, press=bool(operation["_facts"].get("power_button")))
    if instance["scheduling"].get("instanceTerminationAction") == "DELETE":
        _forget(cloud, zone, name, disks=False)


def maintain(cloud: Cloud, zone: str, name: str, operation: Json) -> None:
    """A maintenance event: told for a while; a machine that cannot be moved is stopped and started again."""
    instance = cloud.records.update("instances", zone, name, _maintenance=_event(cloud, zone, name))
    time.sleep(float(operation["_facts"].get("notice_s", 1.0)))
    if instance["scheduling"]["onHostMaintenance"] == "TERMINATE":
        _take_down(cloud, zone, name, cloud.grace_s)
        if instance["scheduling"]["automaticRestart"]:
            _bring_up(cloud, zone, name)
    cloud.records.update("instances", zone, name, _maintenance=None)


def guest_off(cloud: Cloud, zone: str, name: str, operation: Json) -> None:
    """It has shut itself down."""
    _take_down(cloud, zone, name, 0.0)


def reset(cloud: Cloud, zone: str, name: str, operation: Json) -> None:
    """Cut the power and start again at once, with the same address."""
    cloud.faults.operation(operation)
    _computer_boot(cloud, zone, name)


def relabel(cloud: Cloud, zone: str, name: str, operation: Json) -> None:
    """What only writes has been written when it was asked for."""
    cloud.faults.operation(operation)


SYSTEM = "compute.instances."
ACTS: dict[str, Act] = {
    "insert": insert, "start": start, "stop": stop, "delete": delete, "reset": reset,
    "setLabels": relabel, "setMetadata": relabel, "setDeletionProtection": relabel,
    f"{SYSTEM}simulateMaintenanceEvent": maintain, f"{SYSTEM}preempted": preempt, f"{SYSTEM}guestTerminate": guest_off,
    f"{SYSTEM}terminateOnRunDurationExpiry": stop, f"{SYSTEM}deleteOnRunDurationExpiry": delete,
}  # fmt: skip


# --- up ---------------------------------------------------------------------------------------------------------------


def _bring_up(cloud: Cloud, zone: str, name: str) -> None:
    instance = cloud.records.update("instances", zone, name, status="PROVISIONING")
    gpus = [last(one["acceleratorType"]) for one in instance.get("guestAccelerators", [])]
    quotas.check(cloud, zone, instance)
    time.sleep(cloud.pace_s)
    if cloud.faults.out_of_stock(zone, gpus):
        attached = ",".join(f"{last(one['acceleratorType'])}:{one['acceleratorCount']}"
                            for one in instance.get("guestAccelerators", []))  # fmt: skip
        raise stocked_out(cloud.path(f"zones/{zone}"), last(instance["machineType"]), attached)
    cloud.records.update("instances", zone, name, status="STAGING", _address=_address(cloud, instance))
    time.sleep(cloud.pace_s)
    _computer_boot(cloud, zone, name)
    limit = instance["scheduling"].get("maxRunDuration", {}).get("seconds")
    ends = {"terminationTimestamp": _later(float(limit))} if limit else {}
    status = {"scheduling": {"availabilityDomain": 0, **ends}, "lastInstanceTerminationDetails": None}
    cloud.records.update("instances", zone, name, status="RUNNING", lastStartTimestamp=now(), resourceStatus=status,
                         statusMessage=None if computer.sshd() else NO_SSHD, _preempted=False)  # fmt: skip


def _computer_boot(cloud: Cloud, zone: str, name: str) -> None:
    instance = cloud.records.get("instances", zone, name)
    assert instance is not None
    cloud.rack.boot(instance)
    networks = instance["networkInterfaces"]
    for network in networks:
        for access in network.get("accessConfigs", []):
            access["natIP"] = instance["_address"]
    cloud.records.update("instances", zone, name, networkInterfaces=networks)


def _address(cloud: Cloud, instance: Json) -> str:
    """The public address for this boot: the reserved one, or another one than last time."""
    configs = [one for network in instance["networkInterfaces"] for one in network.get("accessConfigs", [])]
    reserved = next((one["natIP"] for one in configs if one.get("_reserved")), "")
    return reserved or addresses.take(cloud.records)


def _later(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


# --- down -------------------------------------------------------------------------------------------------------------


def _take_down(cloud: Cloud, zone: str, name: str, grace_s: float, *, press: bool = True) -> None:
    """End its processes; a public address that is not reserved is given back, as by Compute."""
    instance = cloud.records.get("instances", zone, name)
    if instance is None:
        return
    if instance["status"] != "TERMINATED":
        cloud.records.update("instances", zone, name, status="STOPPING")
    behind = cloud.rack.computer(instance)
    if press and grace_s:
        behind.press_power()
    behind.wait_off(grace_s)
    behind.end()
    cloud.rack.unplug(instance)
    networks = instance["networkInterfaces"]
    for network in networks:
        for access in network.get("accessConfigs", []):
            if not access.get("_reserved"):
                access.pop("natIP", None)
    cloud.records.update("instances", zone, name, status="TERMINATED", lastStopTimestamp=now(),
                         networkInterfaces=networks, _address=None)  # fmt: skip


def _forget(cloud: Cloud, zone: str, name: str, *, disks: bool) -> None:
    instance = cloud.records.get("instances", zone, name)
    if instance is None:
        return
    for attached in instance["disks"]:
        if attached.get("autoDelete") or disks:
            cloud.rack.drop_disk(zone, last(attached["source"]))
        else:
            cloud.records.update("disks", zone, last(attached["source"]), users=[], lastDetachTimestamp=now())
    cloud.rack.scrap(instance)
    cloud.records.drop("instances", zone, name)


def _status(cloud: Cloud, zone: str, name: str) -> str:
    return str((cloud.records.get("instances", zone, name) or {}).get("status", ""))


def _event(cloud: Cloud, zone: str, name: str) -> str:
    instance = cloud.records.get("instances", zone, name) or {}
    moved = instance.get("scheduling", {}).get("onHostMaintenance") == "MIGRATE"
    return "MIGRATE_ON_HOST_MAINTENANCE" if moved else "TERMINATE_ON_HOST_MAINTENANCE"
