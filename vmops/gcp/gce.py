"""Machines of Google Compute Engine: a provider over google-cloud-compute."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from vmops import ledger, watched
from vmops.gcp import acts, guest, knocking, orphans, planning, quotas
from vmops.gcp.cloud import Cloud, absent
from vmops.prices import region_of
from vmops.provider import Allowance, Call, Machine, Orphan, Plan, Say, silent
from vmops.settings import Settings


class Gce:
    """Provider (its methods are told there); made in a process that may load Google's libraries."""

    def __init__(self, settings: Settings, folder: Path, called: Callable[[Call], None]) -> None:
        self._cloud = Cloud(settings, folder, called)

    def machines(self) -> list[Machine]:
        """Every machine that bears our label, or is asked for; what has changed unseen goes into the ledger."""
        asked_at, asked = time.time(), self._cloud.asked()  # before the list: what is done meanwhile stands there
        found = self._cloud.machines()
        ledger.observe(self._cloud.folder, found, self._cloud.prices, asked_at)
        there = {one.name for one in found}
        return sorted([*found, *(one for one in asked if one.name not in there)], key=lambda one: (one.name, one.zone))

    def machine(self, name: str) -> Machine:
        """One of these; NotFound where there is none."""
        if found := self._cloud.the(name):
            return found
        raise absent(name)

    def plan(self, kind: str, name: str, *, over_budget: bool = False) -> Plan:
        """What `create` would do; nothing is written and nothing is asked that changes anything."""
        return planning.plan(self._cloud, kind, name, over=over_budget)

    def create(self, kind: str, name: str, say: Say = silent, *, over_budget: bool = False) -> Machine:
        """A running machine of a kind; the next zone where one has none left."""
        made = acts.create(self._cloud, kind, name, say, over_budget)
        return self._acquainted(made, say)

    def start(self, name: str, say: Say = silent, *, over_budget: bool = False) -> Machine:
        """A stopped machine, running again."""
        return self._acquainted(acts.start(self._cloud, name, say, over_budget), say)

    def stop(self, name: str, say: Say = silent) -> Machine:
        """A machine that is stopped; its disk stays, and costs."""
        return acts.stop(self._cloud, name, say)

    def delete(self, name: str, say: Say = silent) -> Machine:
        """A machine that is gone, and its disk with it."""
        gone = acts.delete(self._cloud, name, say)
        knocking.forget(self._cloud, name)
        return gone

    def adopt(self, say: Say = silent) -> list[Machine]:
        """Wait for what somebody asked for and did not wait for."""
        return [self._acquainted(machine, say) for machine in acts.adopt(self._cloud, say)]

    def quotas(self) -> list[Allowance]:
        """What the project may use of what the kinds need, in the regions of the zones that are named."""
        regions = dict.fromkeys(region_of(zone) for zone in self._cloud.settings.zones)
        known = quotas.read(self._cloud, *regions)
        return planning.table(known, list(self._cloud.settings.kinds.values()))

    def orphans(self) -> list[Orphan]:
        """What costs without use."""
        return orphans.listed(self._cloud)

    def delete_orphan(self, what: str, name: str, place: str, say: Say = silent) -> None:
        """Delete one of these."""
        orphans.delete(self._cloud, what, name, place, say)

    def host_keys(self, name: str) -> list[str]:
        """The ssh host keys that a machine has told to the cloud; none before it booted."""
        return knocking.keys(self._cloud, self.machine(name))

    def watchdog(self, name: str) -> str:
        """What its watchdog has told; empty where it has told nothing."""
        return guest.told(self._cloud, self.machine(name), watched.WHERE).get("watchdog", "")

    def serial(self, name: str) -> str:
        """What a machine wrote to its first serial port: how it starts, and why it does not."""
        there = self.machine(name)
        cloud = self._cloud
        told = cloud.ask(
            f"instances.getSerialPortOutput {there.zone} {name}", cloud.clients.instances.get_serial_port_output,
            zone=there.zone, instance=name,
        )  # fmt: skip
        return str(told.contents)

    def _acquainted(self, machine: Machine, say: Say) -> Machine:
        if machine.state == "running" and not knocking.acquainted(self._cloud, machine):
            knocking.acquaint(self._cloud, machine, say)
        return machine
