"""What costs without use: disks that nothing uses, reserved addresses, machines that nobody here knows or needs."""

from __future__ import annotations

import time
import uuid
from collections import Counter

from google.cloud import compute_v1 as api

from vmops import naming
from vmops.errors import NotFound, OutsideError, Refused
from vmops.gcp import faults
from vmops.gcp.cloud import Cloud
from vmops.gcp.instances import last, moment
from vmops.provider import Machine, Orphan, Say

DAY_S = 86400.0


def listed(cloud: Cloud) -> list[Orphan]:
    """All of them, the dear ones first."""
    found = [*_disks(cloud), *_addresses(cloud), *_machines(cloud)]
    return sorted(found, key=lambda one: (-(one.monthly_usd or 0.0), one.name))


def delete(cloud: Cloud, what: str, name: str, place: str, say: Say) -> None:
    """Delete one that is listed; Refused where something uses it by now."""
    naming.machine(name, what)
    if not any((one.what, one.name, one.place) == (what, name, place) for one in listed(cloud)):
        raise Refused(f"{what} {name} in {place} is not among the orphans", hint="footplate vm orphans lists them")
    cloud.note("asked", name, asked=f"delete {what}", zone=place)
    try:
        {"disk": _delete_disk, "address": _delete_address, "machine": _delete_machine}[what](cloud, name, place, say)
    except OutsideError as error:
        cloud.refused(name, f"delete {what}", error)
        raise
    cloud.note("deleted_orphan", name, what=what, zone=place)


def _disks(cloud: Cloud) -> list[Orphan]:
    pages = cloud.listed("disks.aggregatedList", cloud.clients.disks.aggregated_list)
    return [_disk(cloud, one) for _, scoped in pages for one in scoped.disks if not one.users and one.zone]


def _disk(cloud: Cloud, disk: api.Disk) -> Orphan:
    zone, sort = last(disk.zone), last(disk.type_)
    monthly = cloud.prices.disk_month(sort, disk.size_gb, zone)
    why = f"{disk.size_gb} GB of {sort} that no machine uses"
    return Orphan(
        "disk",
        disk.name,
        zone,
        why,
        None if monthly is None else float(monthly),
        moment(disk.creation_timestamp) or 0.0,
    )


def _addresses(cloud: Cloud) -> list[Orphan]:
    pages = cloud.listed("addresses.aggregatedList", cloud.clients.addresses.aggregated_list)
    return [
        _address(cloud, one)
        for _, scoped in pages
        for one in scoped.addresses
        if one.status == "RESERVED" and one.region and one.address_type != "INTERNAL"
    ]


def _address(cloud: Cloud, address: api.Address) -> Orphan:
    region = last(address.region)
    monthly = cloud.prices.idle_address_month(region)
    why = f"{address.address} is reserved, and no machine uses it"
    made = moment(address.creation_timestamp) or 0.0
    return Orphan("address", address.name, region, why, None if monthly is None else float(monthly), made)


def _machines(cloud: Cloud) -> list[Orphan]:
    """Machines that bear our label and that this workspace never asked for, doubles, and forgotten ones."""
    every, known = cloud.machines(), cloud.journal.everything()
    twice = {name for name, count in Counter(one.name for one in every).items() if count > 1}
    found = []
    for one in every:
        entry = known.get(one.name)
        if one.name not in known:
            found.append(_machine(cloud, one, "bears our label, and nobody asked for it from this workspace"))
        elif one.name in twice and entry and entry.zone != one.zone:
            found.append(_machine(cloud, one, f"there is another {one.name}, in {entry.zone}"))
        elif words := _forgotten(cloud, one):
            found.append(_machine(cloud, one, words))
    return found


def _forgotten(cloud: Cloud, one: Machine) -> str:
    limit_s = cloud.settings.idle.delete_after_hours * 3600
    if one.state != "stopped" or not one.stopped_at or time.time() - one.stopped_at < limit_s:
        return ""
    return f"stopped for {(time.time() - one.stopped_at) / DAY_S:.0f} days; its disk costs"


def _machine(cloud: Cloud, one: Machine, why: str) -> Orphan:
    rates = cloud.prices.rates(one, one.zone)
    hourly = rates.stopped() if one.state == "stopped" else rates.running()
    return Orphan("machine", one.name, one.zone, why, None if hourly is None else float(hourly * 730), one.created_at)


def _delete_disk(cloud: Cloud, name: str, zone: str, say: Say) -> None:
    operation = cloud.ask(
        f"disks.delete {zone} {name}", cloud.clients.disks.delete_unary,
        zone=zone, disk=name, request_id=str(uuid.uuid4()),
    )  # fmt: skip
    cloud.wait(zone, operation.name, f"deleting the disk {name}", say)


def _delete_machine(cloud: Cloud, name: str, zone: str, say: Say) -> None:
    operation = cloud.ask(
        f"instances.delete {zone} {name}", cloud.clients.instances.delete_unary,
        zone=zone, instance=name, request_id=str(uuid.uuid4()),
    )  # fmt: skip
    cloud.wait(zone, operation.name, f"deleting the machine {name}", say)


def _delete_address(cloud: Cloud, name: str, region: str, say: Say) -> None:
    operation = cloud.ask(
        f"addresses.delete {region} {name}", cloud.clients.addresses.delete_unary,
        region=region, address=name, request_id=str(uuid.uuid4()),
    )  # fmt: skip
    while operation.status != api.Operation.Status.DONE:
        operation = cloud.ask(
            f"regionOperations.wait {region} {operation.name}", cloud.clients.region_operations.wait,
            region=region, operation=operation.name, timeout_s=150.0,
        )  # fmt: skip
    if error := faults.of_operation(operation, f"deleting the address {name}"):
        if not isinstance(error, NotFound):
            raise error
        say(f"{name} is gone already")
