"""What a project may still use of what a kind of machine needs; read before anything is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from vmops.errors import Quota
from vmops.gcp.cloud import Cloud
from vmops.gcp.faults import ask_for_more
from vmops.provider import Allowance, Kind

ANY_REGION = ("GPUS_ALL_REGIONS", "CPUS_ALL_REGIONS")


def needs(kind: Kind) -> dict[str, float]:
    """How much of each quota a machine of a kind takes; spot machines have some of their own."""
    cores = _cores(kind.machine_type)
    spot = "PREEMPTIBLE_" if kind.spot else ""
    disk = "DISKS_TOTAL_GB" if kind.disk_type == "pd-standard" else "SSD_TOTAL_GB"
    found = {f"{spot}CPUS": cores, "CPUS_ALL_REGIONS": cores, disk: float(kind.disk_gb)}
    if kind.gpus:
        found |= {f"{spot}{_metric(kind.gpu)}": float(kind.gpus), "GPUS_ALL_REGIONS": float(kind.gpus)}
    return {**found, "INSTANCES": 1.0, "IN_USE_ADDRESSES": 1.0}


def read(cloud: Cloud, *regions: str) -> dict[str, list[Allowance]]:
    """Every quota that counts for a region, by region: its own, and those over all regions."""
    whole = cloud.ask("projects.get", cloud.clients.projects.get)
    everywhere = [Allowance(one.metric, one.limit, one.usage) for one in whole.quotas if one.metric in ANY_REGION]
    return {region: _of(cloud, region) + everywhere for region in regions}


def _of(cloud: Cloud, region: str) -> list[Allowance]:
    here = cloud.ask(f"regions.get {region}", cloud.clients.regions.get, region=region)
    return [Allowance(one.metric, one.limit, one.usage, region) for one in here.quotas]


def counting(kind: Kind, known: Iterable[Allowance]) -> list[Allowance]:
    """Those that a machine of a kind would take from, with how much.

    A project without spot quotas of its own uses the standard ones for spot machines too, so a limit of 0 for spot
    gives way to the standard quota.
    """
    table = {one.metric: one for one in known}
    return [
        replace(table[metric], asked=amount)
        for metric, amount in ((_standing(metric, table), amount) for metric, amount in needs(kind).items())
        if metric in table and amount
    ]


def check(kind: Kind, known: Iterable[Allowance]) -> None:
    """Raise Quota for the first that would not do."""
    for one in counting(kind, known):
        if not one.enough:
            raise lacking(one)


def lacking(one: Allowance) -> Quota:
    """Which, how much of it, where, and where more is asked for."""
    where = f"in {one.region}" if one.region else "over all regions"
    words = (
        f"the quota {one.metric} would not do: limit {one.limit:g}, in use {one.usage:g}, asked {one.asked:g}, {where}"
    )
    return Quota(words, hint=ask_for_more(one.metric), metric=one.metric, region=one.region)


def _standing(metric: str, table: Mapping[str, Allowance]) -> str:
    standard = metric.removeprefix("PREEMPTIBLE_")
    unset = metric != standard and (metric not in table or table[metric].limit == 0)
    return standard if unset else metric


def _metric(gpu: str) -> str:
    """NVIDIA_T4_GPUS of nvidia-tesla-t4."""
    return gpu.replace("-tesla-", "-").replace("-", "_").upper() + "_GPUS"


def _cores(machine_type: str) -> float:
    found = re.search(r"-(\d+)$", machine_type)
    return float(found[1]) if found else 2.0  # the shared-core ones, such as e2-micro, count two
