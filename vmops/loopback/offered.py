"""Calls on what the cloud offers: the project, zones, regions, machine types, accelerators and images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vmops.loopback import catalog, images, quotas

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud
    from vmops.loopback.server import Request

Json = dict[str, Any]


def items(cloud: Cloud, collection: str, scope: str) -> list[Json]:
    """All zones or regions, or all machine types or accelerators of a zone."""
    if collection == "zones":
        return [_zone(cloud, name) for name in catalog.ZONES]
    if collection == "regions":
        return [_region(cloud, name) for name in catalog.REGIONS]
    if collection == "machineTypes":
        return [_machine_type(cloud, scope, name) for name in catalog.MACHINE_TYPES]
    return [_accelerator(cloud, scope, name) for name in catalog.ZONES[scope]]


def project(cloud: Cloud, request: Request) -> Json:
    """The project, with its quotas."""
    return {
        "kind": "compute#project",
        "id": "1000000000001",
        "name": cloud.project,
        "quotas": quotas.listed(cloud),
        "selfLink": cloud.url(""),
        "creationTimestamp": cloud.born,
        "commonInstanceMetadata": {"kind": "compute#metadata"},
        "defaultServiceAccount": "1000000000001-compute@developer.gserviceaccount.com",
        "xpnProjectStatus": "UNSPECIFIED_XPN_PROJECT_STATUS",
        "defaultNetworkTier": "PREMIUM",
    }


def image(cloud: Cloud, request: Request) -> Json:
    """The newest image of a family; images are those of other projects."""
    return images.find(cloud, f"projects/{request['project']}/global/images/family/{request['family']}")


def _zone(cloud: Cloud, name: str) -> Json:
    return {
        **_offered(cloud, "zone", f"zones/{name}"),
        "status": "UP",
        "region": cloud.url(f"regions/{catalog.region_of(name)}"),
    }


def _region(cloud: Cloud, name: str) -> Json:
    zones = [cloud.url(f"zones/{zone}") for zone in catalog.ZONES if catalog.region_of(zone) == name]
    return {
        **_offered(cloud, "region", f"regions/{name}"),
        "status": "UP",
        "zones": zones,
        "quotas": quotas.listed(cloud, name),
    }


def _machine_type(cloud: Cloud, zone: str, name: str) -> Json:
    cpus, mib = catalog.MACHINE_TYPES[name]
    return {**_offered(cloud, "machineType", f"zones/{zone}/machineTypes/{name}"), "guestCpus": cpus, "memoryMb": mib,
            "zone": zone, "isSharedCpu": name.startswith("e2-") and "standard" not in name,
            "description": f"{cpus} vCPUs, {mib / 1024:g} GB RAM", "maximumPersistentDisks": 128}  # fmt: skip


def _accelerator(cloud: Cloud, zone: str, name: str) -> Json:
    return {
        **_offered(cloud, "acceleratorType", f"zones/{zone}/acceleratorTypes/{name}"),
        "zone": cloud.url(f"zones/{zone}"),
        "maximumCardsPerInstance": 4,
        "description": name.replace("-", " ").upper(),
    }


def _offered(cloud: Cloud, kind: str, path: str) -> Json:
    """What all of these have; ids follow from names, and stay over restarts."""
    own = {"id": images.stable_id(path), "creationTimestamp": cloud.born, "description": path.rpartition("/")[2]}
    return {**cloud.resource(kind, path), **own}
