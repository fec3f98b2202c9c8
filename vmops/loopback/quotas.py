"""Quotas: what is used of each, counted over the instances and disks that there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from vmops.loopback import catalog
from vmops.loopback.asked import last
from vmops.loopback.refusals import over_quota

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud

Json = dict[str, Any]
OFF = ("TERMINATED", "STOPPED", "SUSPENDED")


def needs(instance: Json) -> Counter[str]:
    """What an instance that is on counts to, by metric."""
    found = Counter({"INSTANCES": 1, "CPUS": catalog.MACHINE_TYPES[last(instance["machineType"])][0]})
    found["CPUS_ALL_REGIONS"] = found["CPUS"]
    spot = instance["scheduling"]["provisioningModel"] == "SPOT"
    for one in instance.get("guestAccelerators", []):
        found[catalog.gpu_metric(last(one["acceleratorType"]), spot)] += one["acceleratorCount"]
        found["GPUS_ALL_REGIONS"] += one["acceleratorCount"]
    return found


def used(cloud: Cloud, region: str = "") -> Counter[str]:
    """What is used in a region, or in the whole project."""
    inside = [body for body in cloud.records.all("instances") if _in(body, region) and body["status"] not in OFF]
    found: Counter[str] = sum((needs(body) for body in inside), Counter())
    for disk in cloud.records.all("disks"):
        if _in(disk, region):
            found["DISKS_TOTAL_GB" if last(disk["type"]) == "pd-standard" else "SSD_TOTAL_GB"] += int(disk["sizeGb"])
    outside = [body for body in inside if any(network.get("accessConfigs") for network in body["networkInterfaces"])]
    found["IN_USE_ADDRESSES"] = len(outside)
    addresses = [body for body in cloud.records.all("addresses") if region in ("", last(body["region"]))]
    found["STATIC_ADDRESSES"] = len(addresses)
    return found


def limit(cloud: Cloud, metric: str, region: str) -> float:
    """How much may be used."""
    usual = catalog.REGION_QUOTAS if region else catalog.PROJECT_QUOTAS
    limits = cloud.faults.limits
    return float(limits.get((region, metric), limits.get(("", metric), usual.get(metric, 0))))


def listed(cloud: Cloud, region: str = "") -> list[Json]:
    """All quotas of a region, or of the project."""
    have = used(cloud, region)
    metrics: Iterable[str] = catalog.REGION_QUOTAS if region else catalog.PROJECT_QUOTAS
    return [
        {"metric": metric, "limit": limit(cloud, metric, region), "usage": float(have[metric])} for metric in metrics
    ]


def check(cloud: Cloud, zone: str, instance: Json) -> None:
    """Fail where this one more would be too much; it is not counted itself as long as it is being made."""
    region = catalog.region_of(zone)
    for place, metrics in ((region, catalog.REGION_QUOTAS), ("", catalog.PROJECT_QUOTAS)):
        have = used(cloud, place) if instance["status"] in OFF else used(cloud, place) - needs(instance)
        for metric, more in needs(instance).items():
            if metric in metrics and have[metric] + more > limit(cloud, metric, place):
                raise over_quota(metric, limit(cloud, metric, place), place)


def _in(body: Json, region: str) -> bool:
    return region in ("", catalog.region_of(last(body["zone"])))
