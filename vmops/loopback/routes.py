"""Which call of Compute's REST interface is answered by what."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vmops.loopback import catalog, instances, offered, things
from vmops.loopback.refusals import Refused, not_found

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud
    from vmops.loopback.server import Request

Json = dict[str, Any]
Answer = Callable[["Cloud", "Request"], Json]
ZONE, REGION = r"(?P<where>zones/(?P<zone>[^/]+))", r"(?P<where>regions/(?P<region>[^/]+))"
NAME = r"(?P<name>[^/]+)"
OFFERED = "machineTypes|acceleratorTypes"


def _in(collection: str) -> str:
    return f"(?P<collection>{collection})"


TABLE: list[tuple[str, str, Answer]] = [
    ("GET", "", offered.project),
    ("GET", f"aggregated/{_in(f'instances|disks|addresses|{OFFERED}|operations')}", things.aggregated),
    ("GET", "global/images/family/(?P<family>[^/]+)", offered.image),
    ("GET", _in("zones|regions"), things.listed),
    ("GET", f"{_in('zones|regions')}/{NAME}", things.one),
    ("POST", f"{ZONE}/instances", instances.insert),
    ("GET", f"{ZONE}/instances/{NAME}", instances.get),
    ("DELETE", f"{ZONE}/instances/{NAME}", instances.delete),
    ("POST", f"{ZONE}/instances/{NAME}/start", instances.start),
    ("POST", f"{ZONE}/instances/{NAME}/stop", instances.stop),
    ("POST", f"{ZONE}/instances/{NAME}/reset", instances.reset),
    ("POST", f"{ZONE}/instances/{NAME}/setLabels", instances.set_labels),
    ("POST", f"{ZONE}/instances/{NAME}/setMetadata", instances.set_metadata),
    ("POST", f"{ZONE}/instances/{NAME}/simulateMaintenanceEvent", instances.simulate_maintenance),
    ("POST", f"{ZONE}/instances/{NAME}/setDeletionProtection", instances.protect),
    ("GET", f"{ZONE}/instances/{NAME}/serialPort", instances.serial),
    ("GET", f"{ZONE}/instances/{NAME}/getGuestAttributes", instances.guest_attributes),
    ("POST", f"{ZONE}/disks", things.insert_disk),
    ("DELETE", f"{ZONE}/{_in('disks')}/{NAME}", things.delete_disk),
    ("POST", f"{REGION}/addresses", things.insert_address),
    ("DELETE", f"{REGION}/{_in('addresses')}/{NAME}", things.delete_address),
    ("POST", f"{ZONE}/{_in('operations')}/{NAME}/wait", things.wait),
    ("POST", f"{REGION}/{_in('operations')}/{NAME}/wait", things.wait),
    ("GET", f"{ZONE}/{_in(f'instances|disks|{OFFERED}|operations')}", things.listed),
    ("GET", f"{ZONE}/{_in(f'disks|{OFFERED}|operations')}/{NAME}", things.one),
    ("GET", f"{REGION}/{_in('addresses|operations')}", things.listed),
    ("GET", f"{REGION}/{_in('addresses|operations')}/{NAME}", things.one),
]  # fmt: skip
_COMPILED = [(method, re.compile(pattern), answer) for method, pattern, answer in TABLE]


def answer(cloud: Cloud, request: Request) -> Json:
    """The answer to a call, or Refused."""
    match = re.fullmatch(r"/compute/v1/projects/(?P<project>[^/]+)/?(?P<rest>.*)", request.url_path)
    if match is None:
        raise Refused(404, "notFound", f"The requested URL {request.url_path} was not found on this server.")
    request.groups, request.path = {"project": match["project"]}, match["rest"]
    found = next(((do, hit) for method, pattern, do in _COMPILED
                  if method == request.method and (hit := pattern.fullmatch(match["rest"]))), None)  # fmt: skip
    if found is None:
        raise Refused(404, "notFound", f"The requested URL {request.url_path} was not found on this server.")
    do, hit = found
    request.groups |= {key: value for key, value in hit.groupdict().items() if value is not None}
    _check(cloud, request, do)
    return _once(cloud, request, do) if request.changes else do(cloud, request)


def _once(cloud: Cloud, request: Request, do: Answer) -> Json:
    """One change after the other, and none twice for one request id."""
    with cloud.records.changed:
        before = cloud.operations.asked(request.query.get("requestId", ""))
        return do(cloud, request) if before is None else before


def _check(cloud: Cloud, request: Request, do: Answer) -> None:
    """Project, zone and region must be there."""
    if request["project"] != cloud.project and do is not offered.image:
        raise not_found(f"projects/{request['project']}")
    zone, region = request.groups.get("zone"), request.groups.get("region")
    if zone is not None and zone not in catalog.ZONES:
        raise not_found(cloud.path(f"zones/{zone}"))
    if region is not None and region not in catalog.REGIONS:
        raise not_found(cloud.path(f"regions/{region}"))
