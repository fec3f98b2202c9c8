"""An instance as it is made of what an insert asks for, with all that Compute adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vmops.loopback import addresses, asked, quotas
from vmops.loopback.asked import fingerprint
from vmops.loopback.refusals import Refused, invalid, required

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud

Json = dict[str, Any]


def must_have_quota(cloud: Cloud, zone: str, instance: Json) -> None:
    """Compute refuses a call outright where a quota is 0; others fail in the operation."""
    for metric in quotas.needs(instance):
        for place in (zone.rpartition("-")[0], ""):
            if (place, metric) in cloud.faults.limits or ("", metric) in cloud.faults.limits:
                limit = cloud.faults.limits.get((place, metric), cloud.faults.limits.get(("", metric), 1.0))
                if limit == 0:
                    where = f"in region {place}" if place else "globally"
                    raise Refused(403, "quotaExceeded", f"Quota '{metric}' exceeded.  Limit: 0.0 {where}.")


def instance(cloud: Cloud, zone: str, name: str, given: Json) -> tuple[Json, list[Json]]:
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
        **given,
        **cloud.resource("instance", f"zones/{zone}/instances/{name}"),
        "status": "PROVISIONING",
        "zone": cloud.url(f"zones/{zone}"),
        "machineType": cloud.url(f"zones/{zone}/machineTypes/{kind}"),
        "guestAccelerators": gpus,
        "scheduling": asked.scheduling(given.get("scheduling", {}), bool(gpus)),
        "metadata": asked.metadata(given.get("metadata", {})),
        "labels": labels,
        "labelFingerprint": fingerprint(labels),
        "tags": {**given.get("tags", {}), "fingerprint": fingerprint(given.get("tags", {}))},
        "disks": [attached for attached, _ in pairs],
        "networkInterfaces": _networks(cloud, given["networkInterfaces"]),
        "cpuPlatform": "Loopback",
        "startRestricted": False,
        "deletionProtection": given.get("deletionProtection", False),
        "fingerprint": fingerprint(given),
        "canIpForward": False,
    }
    return body, [disk for _, disk in pairs if disk]


def _networks(cloud: Cloud, given: list[Json]) -> list[Json]:
    inner = {"kind": "compute#networkInterface", "network": cloud.url("global/networks/default"), "name": "nic0",
             "networkIP": addresses.inner(cloud.records), "stackType": "IPV4_ONLY"}  # fmt: skip
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
