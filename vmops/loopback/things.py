"""Calls on disks, addresses, operations, and on what the cloud offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vmops.loopback import asked, catalog, quotas
from vmops.loopback.listing import aggregated as _aggregated
from vmops.loopback.listing import page
from vmops.loopback.refusals import exists, in_use, not_found

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud
    from vmops.loopback.server import Request

Json = dict[str, Any]
KINDS = {"instances": "instance", "disks": "disk", "addresses": "address", "operations": "operation",
         "machineTypes": "machineType", "acceleratorTypes": "acceleratorType", "zones": "zone", "regions": "region"}  # fmt: skip


def items(cloud: Cloud, collection: str, scope: str) -> list[Json]:
    """All of a collection in a zone, a region, or in none."""
    if collection in ("instances", "disks", "addresses", "operations"):
        return cloud.records.all(collection, scope)
    if collection == "zones":
        return [_zone(cloud, name) for name in catalog.ZONES]
    if collection == "regions":
        return [_region(cloud, name) for name in catalog.REGIONS]
    if collection == "machineTypes":
        return [_machine_type(cloud, scope, name) for name in catalog.MACHINE_TYPES]
    return [_accelerator(cloud, scope, name) for name in catalog.ZONES[scope]]


def listed(cloud: Cloud, request: Request) -> Json:
    """A page of a collection."""
    collection = request["collection"]
    found, more = page(request.query, items(cloud, collection, request.scope))
    inside = f"{request.where}/" if request.where else ""
    return {"kind": f"compute#{KINDS[collection]}List", "id": f"projects/{cloud.project}/{inside}{collection}",
            "items": found, "selfLink": cloud.url(request.path), **more}  # fmt: skip


def aggregated(cloud: Cloud, request: Request) -> Json:
    """A page of a collection over all zones or regions."""
    collection = request["collection"]
    regional = collection == "addresses"
    names = catalog.REGIONS if regional else list(catalog.ZONES)
    scopes = {name: f"{'regions' if regional else 'zones'}/{name}" for name in names}
    pairs = [(scopes[name], item) for name in names for item in items(cloud, collection, name)]
    answer = _aggregated(request.query, scopes.values(), pairs, collection)
    return {"kind": f"compute#{KINDS[collection]}AggregatedList", "id": f"projects/{cloud.project}/aggregated/{collection}",
            "selfLink": cloud.url(request.path), **answer}  # fmt: skip


def one(cloud: Cloud, request: Request) -> Json:
    """One of a collection, by its name or its id."""
    collection, name = request["collection"], request["name"]
    found = items(cloud, collection, request.scope)
    match = next((item for item in found if name in (item["name"], item["id"])), None)
    if match is None:
        inside = f"{request.where}/" if request.where else ""
        raise not_found(cloud.path(f"{inside}{collection}/{name}"))
    return match


def wait(cloud: Cloud, request: Request) -> Json:
    """An operation when it is done, or as it stands after two minutes."""
    found = one(cloud, request)
    return cloud.operations.wait(request.scope, found["name"]) or found


def insert_disk(cloud: Cloud, request: Request) -> Json:
    """A disk of its own."""
    disk = asked.made_disk(cloud, request["zone"], request.body)
    cloud.records.put("disks", request["zone"], disk["name"], disk)
    return _begin(cloud, request, "insert", "disks", disk)


def delete_disk(cloud: Cloud, request: Request) -> Json:
    """Refused as long as a machine has it."""
    disk = one(cloud, request)
    if disk.get("users"):
        path = cloud.path(f"zones/{request['zone']}/disks/{disk['name']}")
        raise in_use(path, disk["users"][0].partition("/v1/")[2])
    return _begin(cloud, request, "delete", "disks", disk)


def insert_address(cloud: Cloud, request: Request) -> Json:
    """Reserve a public address."""
    name = asked.name(request.body.get("name"))
    if cloud.records.get("addresses", request["region"], name):
        raise exists(cloud.path(f"regions/{request['region']}/addresses/{name}"))
    path = f"regions/{request['region']}/addresses/{name}"
    body = {**cloud.resource("address", path), "address": cloud.new_address(), "status": "RESERVED",
            "addressType": "EXTERNAL", "networkTier": "PREMIUM", "region": cloud.url(f"regions/{request['region']}"),
            "description": request.body.get("description", ""), "labels": request.body.get("labels", {})}  # fmt: skip
    cloud.records.put("addresses", request["region"], name, body)
    return _begin(cloud, request, "insert", "addresses", body)


def delete_address(cloud: Cloud, request: Request) -> Json:
    """Give it back."""
    return _begin(cloud, request, "delete", "addresses", one(cloud, request))


def _begin(cloud: Cloud, request: Request, kind: str, collection: str, body: Json) -> Json:
    return cloud.operations.ask(kind, request.where, f"{request.where}/{collection}/{body['name']}",
                                target_id=body["id"], request_id=request.query.get("requestId", ""))  # fmt: skip


def drop(cloud: Cloud, scope: str, name: str, operation: Json) -> None:
    """What an operation that deletes a disk or an address does."""
    collection = operation["_target"].split("/")[2]
    if collection == "disks":
        cloud.drop_disk(scope, name)
    else:
        cloud.records.drop(collection, scope, name)


def done(cloud: Cloud, scope: str, name: str, operation: Json) -> None:
    """What was written when it was asked for."""


ACTS = {"insert": done, "delete": drop}


# --- what is offered ----------------------------------------------------------------------------------------------------


def project(cloud: Cloud, request: Request) -> Json:
    """The project, with its quotas."""
    return {"kind": "compute#project", "id": "1000000000001", "name": cloud.project, "quotas": quotas.listed(cloud),
            "selfLink": cloud.url(""), "creationTimestamp": cloud.born, "commonInstanceMetadata": {"kind": "compute#metadata"},
            "defaultServiceAccount": "1000000000001-compute@developer.gserviceaccount.com",
            "xpnProjectStatus": "UNSPECIFIED_XPN_PROJECT_STATUS", "defaultNetworkTier": "PREMIUM"}  # fmt: skip


def image(cloud: Cloud, request: Request) -> Json:
    """The newest image of a family; images are those of other projects."""
    return cloud.image(f"projects/{request['project']}/global/images/family/{request['family']}")


def _zone(cloud: Cloud, name: str) -> Json:
    return {**cloud.offered("zone", f"zones/{name}"), "status": "UP", "region": cloud.url(f"regions/{catalog.region_of(name)}")}  # fmt: skip


def _region(cloud: Cloud, name: str) -> Json:
    zones = [cloud.url(f"zones/{zone}") for zone in catalog.ZONES if catalog.region_of(zone) == name]
    return {**cloud.offered("region", f"regions/{name}"), "status": "UP", "zones": zones, "quotas": quotas.listed(cloud, name)}  # fmt: skip


def _machine_type(cloud: Cloud, zone: str, name: str) -> Json:
    cpus, mib = catalog.MACHINE_TYPES[name]
    return {**cloud.offered("machineType", f"zones/{zone}/machineTypes/{name}"), "guestCpus": cpus, "memoryMb": mib,
            "zone": zone, "isSharedCpu": name.startswith("e2-") and "standard" not in name,
            "description": f"{cpus} vCPUs, {mib / 1024:g} GB RAM", "maximumPersistentDisks": 128}  # fmt: skip


def _accelerator(cloud: Cloud, zone: str, name: str) -> Json:
    return {**cloud.offered("acceleratorType", f"zones/{zone}/acceleratorTypes/{name}"), "zone": cloud.url(f"zones/{zone}"),
            "maximumCardsPerInstance": 4, "description": name.replace("-", " ").upper()}  # fmt: skip
