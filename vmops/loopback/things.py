"""Calls on disks, addresses, operations, and on what the cloud offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vmops.loopback import addresses, asked, catalog, offered
from vmops.loopback.listing import aggregated as _aggregated
from vmops.loopback.listing import page
from vmops.loopback.operations import Act
from vmops.loopback.refusals import exists, in_use, not_found

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud
    from vmops.loopback.server import Request

Json = dict[str, Any]
KINDS = {
    "instances": "instance",
    "disks": "disk",
    "addresses": "address",
    "operations": "operation",
    "machineTypes": "machineType",
    "acceleratorTypes": "acceleratorType",
    "zones": "zone",
    "regions": "region",
}


def items(cloud: Cloud, collection: str, scope: str) -> list[Json]:
    """All of a collection in a zone, a region, or in none."""
    if collection in ("instances", "disks", "addresses", "operations"):
        return cloud.records.all(collection, scope)
    return offered.items(cloud, collection, scope)


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
    return {
        "kind": f"compute#{KINDS[collection]}AggregatedList",
        "id": f"projects/{cloud.project}/aggregated/{collection}",
        "selfLink": cloud.url(request.path),
        **answer,
    }


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
    body = {**cloud.resource("address", path), "address": addresses.take(cloud.records), "status": "RESERVED",
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
    cloud.faults.operation(operation)
    collection = operation["_target"].split("/")[2]
    if collection == "disks":
        cloud.rack.drop_disk(scope, name)
    else:
        cloud.records.drop(collection, scope, name)


def done(cloud: Cloud, scope: str, name: str, operation: Json) -> None:
    """What was written when it was asked for."""


ACTS: dict[str, Act] = {"insert": done, "delete": drop}
