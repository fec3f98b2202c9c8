"""What an insert asks for, checked as Compute checks it, and the resources that it makes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from vmops.loopback import catalog, images
from vmops.loopback.refusals import NAME, exists, invalid, not_found, required

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud

Json = dict[str, Any]
LABEL_REFUSED = (
    "Label {what} '{value}' violates format constraints. The {what} must {first}be at most 63 characters long, and can "
    "only contain lowercase letters, numeric characters, underscores and dashes."
)
LABEL_KEY, LABEL_VALUE = r"[a-z][-_0-9a-z]{0,62}", r"[-_0-9a-z]{0,63}"


def fingerprint(value: object) -> str:
    """Changes when the value does."""
    digest = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest[:8]).decode()


def last(url: str) -> str:
    """The last part of an address."""
    return url.rpartition("/")[2]


def name(value: object, field: str = "resource.name") -> str:
    """A name that Compute takes."""
    if not isinstance(value, str) or not re.fullmatch(NAME, value):
        raise invalid(field, value, f"Must be a match of regex '{NAME}'")
    return value


def labels(given: object, field: str = "resource.labels") -> Json:
    """Labels that Compute takes."""
    if not isinstance(given, dict) or len(given) > 64:
        raise invalid(field, given, "At most 64 labels are allowed.")
    for key, value in given.items():
        if not re.fullmatch(LABEL_KEY, key):
            raise invalid(
                field, key, LABEL_REFUSED.format(what="key", value=key, first="start with a lowercase character, ")
            )
        if not isinstance(value, str) or not re.fullmatch(LABEL_VALUE, value):
            raise invalid(field, value, LABEL_REFUSED.format(what="value", value=value, first=""))
    return given


def metadata(given: Json) -> Json:
    """Items of metadata, each key once."""
    items = given.get("items", [])
    keys = [item.get("key", "") for item in items]
    for key in keys:
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,127}", key):
            raise invalid("resource.metadata.items.key", key, "Must be a match of regex '[a-zA-Z0-9_-]{1,127}'")
    if len(set(keys)) != len(keys):
        raise invalid("resource.metadata", "", "Duplicate metadata key.")
    return {"kind": "compute#metadata", "fingerprint": fingerprint(items), "items": items}


def machine_type(zone: str, url: str) -> str:
    """A machine type that the zone has."""
    if last(url) not in catalog.MACHINE_TYPES or not re.search(rf"(^|/)zones/{zone}/machineTypes/[^/]+$", url):
        raise invalid("resource.machineType", url, "The referenced machine type could not be found in this zone.")
    return last(url)


def accelerators(cloud: Cloud, zone: str, given: list[Json]) -> list[Json]:
    """Accelerators that the zone has, in numbers that can be."""
    for one in given:
        kind, count = last(one.get("acceleratorType", "")), one.get("acceleratorCount", 0)
        if kind not in catalog.ZONES[zone]:
            raise not_found(cloud.path(f"zones/{zone}/acceleratorTypes/{kind}"))
        if count not in (1, 2, 4, 8):
            raise invalid("resource.guestAccelerators[0].acceleratorCount", count, "Must be 1, 2, 4 or 8.")
    return [{**one, "acceleratorType": cloud.url(f"zones/{zone}/acceleratorTypes/{last(one['acceleratorType'])}")}
            for one in given]  # fmt: skip


def scheduling(given: Json, gpus: bool) -> Json:
    """How it may be ended, with Compute's defaults, and its refusals of what cannot be together."""
    spot = given.get("provisioningModel") == "SPOT" or given.get("preemptible", False)
    told = {"onHostMaintenance": "TERMINATE" if spot else "MIGRATE", "automaticRestart": not spot,
            "preemptible": spot, "provisioningModel": "SPOT" if spot else "STANDARD", **given}  # fmt: skip
    if gpus and told["onHostMaintenance"] != "TERMINATE":
        message = "Instances with guest accelerators do not support live migration."
        raise invalid("resource.scheduling.onHostMaintenance", told["onHostMaintenance"], message)
    if spot and told["automaticRestart"]:
        raise invalid(
            "resource.scheduling.automaticRestart", True, "Scheduling must have no automatic restart when preemptible."
        )
    if "maxRunDuration" in told and told.get("instanceTerminationAction") not in ("STOP", "DELETE"):
        raise invalid(
            "resource.scheduling.instanceTerminationAction",
            told.get("instanceTerminationAction", ""),
            "Instance termination action must be specified when max run duration is set.",
        )
    seconds = int(told.get("maxRunDuration", {}).get("seconds", 30))
    if not cloud_seconds(seconds):
        raise invalid("resource.scheduling.maxRunDuration.seconds", seconds, "Must be between 30 seconds and 120 days.")
    return told


def cloud_seconds(seconds: int) -> bool:
    """Whether a limit of a run is one: Compute takes 30 s to 120 days; here shorter ones do, for tests."""
    return 1 <= seconds <= 120 * 86400


def disk(cloud: Cloud, zone: str, instance: str, at: int, given: Json) -> tuple[Json, Json | None]:
    """A disk as it is attached, and the new one where it has to be made."""
    attached = {
        "kind": "compute#attachedDisk",
        "type": "PERSISTENT",
        "mode": "READ_WRITE",
        "index": at,
        "boot": at == 0,
        "autoDelete": False,
        "deviceName": f"persistent-disk-{at}",
        **given,
    }
    params = attached.pop("initializeParams", None)
    if params is None:
        there = cloud.records.get("disks", zone, last(attached.get("source", "")))
        if there is None:
            raise not_found(cloud.path(f"zones/{zone}/disks/{last(attached.get('source', ''))}"))
        return {**attached, "source": there["selfLink"], "diskSizeGb": there["sizeGb"]}, None
    if not params.get("sourceImage") and attached["boot"]:
        raise required("resource.disks[0].initializeParams.sourceImage")
    new = made_disk(
        cloud,
        zone,
        {
            "name": params.get("diskName") or (instance if at == 0 else f"{instance}-{at}"),
            "sizeGb": params.get("diskSizeGb"),
            "type": params.get("diskType", ""),
            "sourceImage": params.get("sourceImage", ""),
            "labels": params.get("labels", {}),
        },
    )
    new["users"] = [cloud.url(f"zones/{zone}/instances/{instance}")]
    return {**attached, "source": new["selfLink"], "diskSizeGb": new["sizeGb"]}, new


def made_disk(cloud: Cloud, zone: str, given: Json) -> Json:
    """A new disk; refused where its name is taken or its image is none."""
    called = name(given.get("name"), "resource.disks[0].initializeParams.diskName")
    if cloud.records.get("disks", zone, called):
        raise exists(cloud.path(f"zones/{zone}/disks/{called}"))
    image = images.find(cloud, given["sourceImage"]) if given.get("sourceImage") else None
    size = int(given.get("sizeGb") or (image or {}).get("diskSizeGb") or 10)
    if image and size < int(image["diskSizeGb"]):
        message = f"Requested disk size cannot be smaller than the image size ({image['diskSizeGb']} GB)"
        raise invalid("resource.disks[0].initializeParams.diskSizeGb", size, message)
    kind = last(given.get("type") or "") or "pd-standard"
    if kind not in ("pd-standard", "pd-balanced", "pd-ssd", "hyperdisk-balanced"):
        raise not_found(cloud.path(f"zones/{zone}/diskTypes/{kind}"))
    own = {"sourceImage": image["selfLink"]} if image else {}
    return {**cloud.resource("disk", f"zones/{zone}/disks/{called}"), "sizeGb": str(size), "status": "READY",
            "type": cloud.url(f"zones/{zone}/diskTypes/{kind}"), "zone": cloud.url(f"zones/{zone}"),
            "labels": labels(given.get("labels") or {}), "labelFingerprint": fingerprint(given.get("labels") or {}),
            "lastAttachTimestamp": cloud.now(), **own}  # fmt: skip
