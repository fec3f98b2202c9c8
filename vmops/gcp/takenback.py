"""Which stopped machines the cloud took back, and when: told by its operations, as the machines themselves do not."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from google.cloud import compute_v1 as api

from vmops.gcp.clients import Clients
from vmops.gcp.instances import last, moment

SETTLED_S = 60.0  # after which nothing more comes into the list of operations about something
TAKEN_BACK = "compute.instances.preempted"


class TakenBack:
    """Asks about each stop once, when it is over."""

    def __init__(self, listed: Callable[..., list[Any]], clients: Clients) -> None:
        """`listed` gives all of a list of the project."""
        self._listed, self._clients = listed, clients
        self._known: dict[tuple[str, str], float | None] = {}  # of stops that are over: when, where it was the cloud

    def of(self, found: list[api.Instance]) -> Mapping[str, float]:
        """When spot machines that stand stopped were last taken back, by their ids."""
        stopped = {str(one.id): one for one in found if _may_be_taken(one)}
        told: dict[str, float] = {}
        for zone in sorted({last(one.zone) for one in stopped.values() if _stop(one) not in self._known}):
            told |= self._in_zone(zone)
        for name, one in stopped.items():
            known = self._known.get(_stop(one))
            if known is not None:
                told.setdefault(name, known)
            if _is_long_ago(one):
                self._known[_stop(one)] = told.get(name)
        return told

    def _in_zone(self, zone: str) -> dict[str, float]:
        what, told = f'operationType="{TAKEN_BACK}"', dict[str, float]()
        for one in self._listed(
            f"zoneOperations.list {zone} {what}", self._clients.zone_operations.list, zone=zone, filter=what
        ):
            if one.operation_type == TAKEN_BACK:
                at = moment(one.end_time or one.insert_time) or 0.0
                told[str(one.target_id)] = max(at, told.get(str(one.target_id), 0.0))
        return told


def _stop(instance: api.Instance) -> tuple[str, str]:
    """A stop of a machine, by which it is remembered."""
    return str(instance.id), instance.last_stop_timestamp


def _is_long_ago(instance: api.Instance) -> bool:
    """Whether the cloud's list of operations has everything about the stop of a machine."""
    at = moment(instance.last_stop_timestamp)
    return instance.status == "TERMINATED" and at is not None and time.time() - at > SETTLED_S


def _may_be_taken(instance: api.Instance) -> bool:
    return instance.scheduling.provisioning_model == "SPOT" and instance.status in ("STOPPING", "TERMINATED")
