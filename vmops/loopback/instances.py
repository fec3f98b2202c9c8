"""Calls on instances: each checks, and begins an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vmops.loopback import agent, asked, making
from vmops.loopback.asked import fingerprint, last
from vmops.loopback.refusals import Refused, changed, exists, not_found, not_ready

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
    instance, disks = making.instance(cloud, zone, name, given)
    making.must_have_quota(cloud, zone, instance)
    for disk in disks:
        cloud.records.put("disks", zone, disk["name"], disk)
    cloud.records.put("instances", zone, name, instance)
    return _begin(cloud, request, "insert", instance)


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
        raise Refused(
            412,
            "conditionNotMet",
            f"Invalid resource usage: 'Resource cannot be deleted if it's protected against deletion. {path}'.",
        )
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
    cloud.rack.agent(body)
    return _begin(cloud, request, "setMetadata", instance)


def simulate_maintenance(cloud: Cloud, request: Request) -> Json:
    """A maintenance event, as Compute lets one try; a spot machine is preempted by it."""
    instance = _ready(cloud, request)
    spot = instance["scheduling"]["provisioningModel"] == "SPOT"
    kind = "compute.instances.preempted" if spot else "compute.instances.simulateMaintenanceEvent"
    return _begin(cloud, request, kind, instance, {"notice_s": cloud.notice_s})


def protect(cloud: Cloud, request: Request) -> Json:
    """Let nobody delete it, or everybody again."""
    instance = found(cloud, request)
    on = request.query.get("deletionProtection", "true") == "true"
    cloud.records.update("instances", request["zone"], request["name"], deletionProtection=on)
    return _begin(cloud, request, "setDeletionProtection", instance)


def serial(cloud: Cloud, request: Request) -> Json:
    """What the machine has said on its first serial port, from a byte on."""
    text = cloud.rack.computer(found(cloud, request)).console().encode()
    at = int(request.query.get("start", "0"))
    return {"kind": "compute#serialPortOutput", "contents": text[at:].decode(errors="replace"), "start": str(at),
            "next": str(max(at, len(text))), "selfLink": cloud.url(request.path)}  # fmt: skip


def guest_attributes(cloud: Cloud, request: Request) -> Json:
    """What the guest has published, its host keys among it."""
    instance = found(cloud, request)
    path = request.query.get("queryPath") or f"{request.query.get('variableKey', '')}"
    items = [item for item in agent.published(cloud, instance) if f"{item['namespace']}/{item['key']}".startswith(path)]
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
    return cloud.operations.ask(
        kind,
        f"zones/{request['zone']}",
        f"zones/{request['zone']}/instances/{instance['name']}",
        target_id=instance["id"],
        request_id=request.query.get("requestId", ""),
        facts=facts,
    )
