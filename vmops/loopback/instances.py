"""Calls on instances: each checks, and begins an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vmops.loopback import asked, quotas
from vmops.loopback.asked import fingerprint, last
from vmops.loopback.refusals import Refused, changed, exists, invalid, not_found, not_ready, required

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud
    from vmops.loopback.server import Request

Json = dict[str, Any]


def insert(cloud: Cloud, request: Request) -> Json:
    """Make one; its operation is answered before there is one."""
    zone, given = request["zone"], request.body
    name = asked.name(given.get("name"))
    path = f"zones/{zone}/instances/{name}"
    if cloud.records.get("instances", zone, name):
        raise exists(cloud.path(path))
    instance, disks = _made(cloud, zone, name, given)
    quotas_at_once(cloud, zone, instance)
    for disk in disks:
        cloud.records.put("disks", zone, disk["name"], disk)
    cloud.records.put("instances", zone, name, instance)
    return _begin(cloud, request, "insert", instance)


def quotas_at_once(cloud: Cloud, zone: str, instance: Json) -> None:
    """Compute refuses a call outright where a quota is 0; others fail in the operation."""
    for metric in quotas.needs(instance):
        for place in (zone.rpartition("-")[0], ""):
            if (place, metric) in cloud.faults.limits or ("", metric) in cloud.faults.limits:
                limit = cloud.faults.limits.get((place, metric), cloud.faults.limits.get(("", metric), 1.0))
                if limit == 0:
                    where = f"in region {place}" if place else "globally"
                    raise Refused(403, "quotaExceeded", f"Quota '{metric}' exceeded.  Limit: 0.0 {where}.")


def _made(cloud: Cloud, zone: str, name: str, given: Json) -> tuple[Json, list[Json]]:
    """The instance as it will be shown, and the disks that have to be made for it."""
    if not given.get("networkInterfaces"):
        raise invalid("resource.networkInterfaces", "", "At least one network interface is required.")
    if not given.get("disks"):
        raise invalid("resource.disks", "", "At least one disk is required.")
    if not given.get("machineType"):
        raise required("resource.machineType")
    kind = asked.machine_type(zone, given["machineType"])
    gpus = asked.accelerators(cloud, zone, given.get("guestAccelerators", []))
    pairs = [asked.disk(cloud, zone, name, at, one) for at, one in enumerate(given["disks"])]
    labels = asked.labels(given.get("labels", {}))
    body = {
        **given, **cloud.resource("instance", f"zones/{zone}/instances/{name}"), "status": "PROVISIONING",
        "zone": cloud.url(f"zones/{zone}"), "machineType": cloud.url(f"zones/{zone}/machineTypes/{kind}"),
        "guestAccelerators": gpus, "scheduling": asked.scheduling(given.get("scheduling", {}), bool(gpus)),
        "metadata": asked.metadata(given.get("metadata", {})), "labels": labels, "labelFingerprint": fingerprint(labels),
        "tags": {**given.get("tags", {}), "fingerprint": fingerprint(given.get("tags", {}))},
        "disks": [attached for attached, _ in pairs], "networkInterfaces": _networks(cloud, given["networkInterfaces"]),
        "cpuPlatform": "Loopback", "startRestricted": False, "deletionProtection": given.get("deletionProtection", False),
        "fingerprint": fingerprint(given), "canIpForward": False,
    }  # fmt: skip
    return body, [disk for _, disk in pairs if disk]


def _networks(cloud: Cloud, given: list[Json]) -> list[Json]:
    inner = {"kind": "compute#networkInterface", "network": cloud.url("global/networks/default"), "name": "nic0",
             "networkIP": cloud.inner_address(), "stackType": "IPV4_ONLY"}  # fmt: skip
    return [{**inner, **one, "accessConfigs": [_access(cloud, config) for config in one.get("accessConfigs", [])]}
            for one in given[:1]]  # fmt: skip


def _access(cloud: Cloud, given: Json) -> Json:
    reserved = {}
    if given.get("natIP"):
        if not any(one["address"] == given["natIP"] for one in cloud.records.all("addresses")):
            message = "The specified external IP address was not found in this region."
            raise invalid("resource.networkInterfaces[0].accessConfigs[0].natIP", given["natIP"], message)
        reserved = {"_reserved": True}
    return {"kind": "compute#accessConfig", "type": "ONE_TO_ONE_NAT", "name": "External NAT",
            "networkTier": "PREMIUM", **given, **reserved}  # fmt: skip


def get(cloud: Cloud, request: Request) -> Json:
    """One."""
    return found(cloud, request)


def start(cloud: Cloud, request: Request) -> Json:
    """Start one that is stopped; where it runs, the operation has nothing to do."""
    return _begin(cloud, request, "start", _ready(cloud, request))


def stop(cloud: Cloud, request: Request) -> Json:
    """Stop one; where it is stopped, the operation has nothing to do."""
    return _begin(cloud, request, "stop", _ready(cloud, request))


def reset(cloud: Cloud, request: Request) -> Json:
    """Cut the power and start again."""
    return _begin(cloud, request, "reset", _ready(cloud, request))


def delete(cloud: Cloud, request: Request) -> Json:
    """Delete one; it waits for what is being done to it."""
    instance = found(cloud, request)
    if instance.get("deletionProtection"):
        path = cloud.path(f"zones/{request['zone']}/instances/{request['name']}")
        raise Refused(412, "conditionNotMet", f"Invalid resource usage: 'Resource cannot be deleted if it's protected against deletion. {path}'.")  # fmt: skip # noqa: E501
    return _begin(cloud, request, "delete", instance)


def set_labels(cloud: Cloud, request: Request) -> Json:
    """Other labels, if nobody has changed them since."""
    instance = found(cloud, request)
    if request.body.get("labelFingerprint") != instance["labelFingerprint"]:
        raise changed("labels")
    labels = asked.labels(request.body.get("labels", {}), "labels")
    cloud.records.update("instances", request["zone"], request["name"], labels=labels,
                         labelFingerprint=fingerprint(labels))  # fmt: skip
    return _begin(cloud, request, "setLabels", instance)


def set_metadata(cloud: Cloud, request: Request) -> Json:
    """Other metadata, if nobody has changed it since; the guest sees it at once."""
    instance = found(cloud, request)
    if request.body.get("fingerprint") != instance["metadata"]["fingerprint"]:
        raise changed("metadata")
    body = cloud.records.update("instances", request["zone"], request["name"], metadata=asked.metadata(request.body))
    cloud.agent(body)
    return _begin(cloud, request, "setMetadata", instance)


def simulate_maintenance(cloud: Cloud, request: Request) -> Json:
    """A maintenance event, as Compute lets one try; a spot machine is preempted by it."""
    instance = _ready(cloud, request)
    spot = instance["scheduling"]["provisioningModel"] == "SPOT"
    kind = "compute.instances.preempted" if spot else "compute.instances.simulateMaintenanceEvent"
    return _begin(cloud, request, kind, instance, {"notice_s": cloud.notice_s})


def serial(cloud: Cloud, request: Request) -> Json:
    """What the machine has said on its first serial port, from a byte on."""
    text = cloud.console(found(cloud, request)).encode()
    at = int(request.query.get("start", "0"))
    return {"kind": "compute#serialPortOutput", "contents": text[at:].decode(errors="replace"), "start": str(at),
            "next": str(max(at, len(text))), "selfLink": cloud.url(request.path)}  # fmt: skip


def guest_attributes(cloud: Cloud, request: Request) -> Json:
    """What the guest has published, its host keys among it."""
    instance = found(cloud, request)
    path = request.query.get("queryPath") or f"{request.query.get('variableKey', '')}"
    items = [item for item in cloud.guest_attributes(instance) if f"{item['namespace']}/{item['key']}".startswith(path)]
    if not items:
        raise not_found(cloud.path(f"zones/{request['zone']}/instances/{request['name']}/guestAttributes/{path}"))
    return {"kind": "compute#guestAttributes", "queryPath": path, "queryValue": {"items": items},
            "selfLink": cloud.url(request.path)}  # fmt: skip


def found(cloud: Cloud, request: Request) -> Json:
    """The instance that the call names."""
    instance = cloud.records.get("instances", request["zone"], request["name"])
    if instance is None:
        raise not_found(cloud.path(f"zones/{request['zone']}/instances/{request['name']}"))
    return instance


def _ready(cloud: Cloud, request: Request) -> Json:
    instance = found(cloud, request)
    path = f"zones/{request['zone']}/instances/{last(instance['selfLink'])}"
    if cloud.operations.busy(path):
        raise not_ready(cloud.path(path))
    return instance


def _begin(cloud: Cloud, request: Request, kind: str, instance: Json, facts: Json | None = None) -> Json:
    return cloud.operations.ask(kind, f"zones/{request['zone']}", f"zones/{request['zone']}/instances/{instance['name']}",
                                target_id=instance["id"], request_id=request.query.get("requestId", ""), facts=facts)  # fmt: skip
