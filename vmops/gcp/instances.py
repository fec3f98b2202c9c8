"""From Google's words about a machine to ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from google.cloud import compute_v1 as api

from vmops.gcp.body import KIND_LABEL
from vmops.journal import Entry
from vmops.provider import Machine
from vmops.settings import Settings

STATES = {
    "PROVISIONING": "provisioning",
    "STAGING": "staging",
    "REPAIRING": "staging",
    "RUNNING": "running",
    "PENDING_STOP": "stopping",
    "STOPPING": "stopping",
    "SUSPENDING": "stopping",
    "DEPROVISIONING": "stopping",
    "TERMINATED": "stopped",
    "STOPPED": "stopped",
    "SUSPENDED": "stopped",
}


def machine(
    instance: api.Instance,
    settings: Settings,
    entry: Entry | None = None,
    preempted_at: Mapping[str, float] | None = None,
) -> Machine:
    """A machine of ours; `preempted_at` tells by id when machines were last taken back."""
    labels, state = dict(instance.labels), STATES.get(instance.status, "provisioning")
    started, taken = moment(instance.last_start_timestamp), (preempted_at or {}).get(str(instance.id))
    return Machine(
        name=instance.name,
        kind=labels.get(KIND_LABEL, ""),
        zone=last(instance.zone),
        state=state,
        wanted=entry.wanted if entry else "",
        spot=instance.scheduling.provisioning_model == "SPOT" or instance.scheduling.preemptible,
        address=_address(instance) if state == "running" else "",
        port=settings.ssh.port,
        id=str(instance.id),
        created_at=moment(instance.creation_timestamp) or 0.0,
        started_at=started,
        stopped_at=moment(instance.last_stop_timestamp) if state == "stopped" else None,
        gpu=last(instance.guest_accelerators[0].accelerator_type) if instance.guest_accelerators else "",
        gpus=sum(one.accelerator_count for one in instance.guest_accelerators),
        machine_type=last(instance.machine_type),
        disk_gb=sum(disk.disk_size_gb for disk in instance.disks),
        disk_type=_disk_type(instance, settings, labels),
        preempted=state in ("stopping", "stopped") and taken is not None and taken >= (started or 0.0),
        problem=_problem(instance, entry),
        simulated=settings.simulated,
        ends_at=moment(instance.resource_status.scheduling.termination_timestamp),
        labels=labels,
    )


def asked(entry: Entry, settings: Settings) -> Machine:
    """A machine that was asked for, and of which the cloud tells nothing: it is between two zones, or not heard yet."""
    kind, tried = settings.kinds.get(entry.kind), ", ".join(entry.tried)
    return Machine(
        name=entry.name,
        kind=entry.kind,
        zone=entry.zone,
        state="asked",
        wanted=entry.wanted,
        spot=bool(kind and kind.spot),
        gpu=kind.gpu if kind else "",
        gpus=kind.gpus if kind else 0,
        machine_type=kind.machine_type if kind else "",
        problem=f"none left in {tried}" if tried else "",
        simulated=settings.simulated,
    )


def gone(entry: Entry | None, name: str, settings: Settings, was: Machine | None = None) -> Machine:
    """A machine that is there no more."""
    from dataclasses import replace

    if was:
        return replace(was, state="gone", wanted="deleted", address="", problem="")
    kind, zone = (entry.kind, entry.zone) if entry else ("", "")
    return Machine(name=name, kind=kind, zone=zone, state="gone", wanted="deleted", simulated=settings.simulated)


def last(url: str) -> str:
    """The name at the end of an address: us-central1-a of …/zones/us-central1-a."""
    return url.rpartition("/")[2]


def moment(text: str) -> float | None:
    """Seconds since 1970 of a time as Google writes it; None where there is none."""
    if not text:
        return None
    tidy = re.sub(r"Z$", "+00:00", text)
    try:
        return datetime.fromisoformat(tidy).timestamp()
    except ValueError:
        return None


def _address(instance: api.Instance) -> str:
    """Its address outside, else the one inside its network, for who is there."""
    for card in instance.network_interfaces:
        for access in card.access_configs:
            if access.nat_i_p:
                return str(access.nat_i_p)
    return str(instance.network_interfaces[0].network_i_p) if instance.network_interfaces else ""


def _disk_type(instance: api.Instance, settings: Settings, labels: Mapping[str, str]) -> str:
    """As the answer tells, else as its kind says: the API leaves it out of what it tells of a machine's disks."""
    told = [last(disk.initialize_params.disk_type) for disk in instance.disks if disk.initialize_params.disk_type]
    kind = settings.kinds.get(labels.get(KIND_LABEL, ""))
    return told[0] if told else kind.disk_type if kind else ""


def _problem(instance: api.Instance, entry: Entry | None) -> str:
    if instance.status == "REPAIRING":
        return "Google is repairing it"
    if instance.status == "SUSPENDED":
        return "it is suspended: somebody did that elsewhere"
    return (entry.error if entry and entry.over else "") or str(instance.status_message)
