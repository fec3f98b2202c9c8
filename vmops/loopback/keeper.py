"""What happens without a call: a machine that has run for as long as it may, and one that has shut itself down."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vmops.loopback.asked import last

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud

Json = dict[str, Any]
EVERY_S = 0.2
SYSTEM = "system@google.com"


def keep(cloud: Cloud) -> None:
    """Look after all machines, as long as the cloud is there."""
    while not cloud.closed:
        for instance in cloud.records.all("instances"):
            if instance["status"] == "RUNNING" and not cloud.closed:
                _look(cloud, instance)
        time.sleep(EVERY_S)


def _look(cloud: Cloud, instance: Json) -> None:
    zone = f"zones/{last(instance['zone'])}"
    target = f"{zone}/instances/{instance['name']}"
    due = _due(cloud, instance)
    if due and not cloud.operations.busy(target):
        cloud.operations.ask(due, zone, target, target_id=instance["id"], user=SYSTEM)


def _due(cloud: Cloud, instance: Json) -> str:
    """The operation that is due; empty where none is."""
    ends = instance.get("resourceStatus", {}).get("scheduling", {}).get("terminationTimestamp")
    if ends and datetime.now(UTC) >= datetime.fromisoformat(ends):
        deletes = instance["scheduling"].get("instanceTerminationAction") == "DELETE"
        return f"compute.instances.{'delete' if deletes else 'terminate'}OnRunDurationExpiry"
    return "" if cloud.rack.computer(instance).first() else "compute.instances.guestTerminate"
