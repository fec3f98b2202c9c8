"""The machines behind the instances, each with the metadata server that it finds."""

from __future__ import annotations

import shutil
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from vmops.loopback import agent
from vmops.loopback.asked import last
from vmops.loopback.computer import Computer
from vmops.loopback.metadata import Metadata

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud

Json = dict[str, Any]


class Rack:
    """All machines of a cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._computers: dict[str, Computer] = {}
        self._metadata: dict[str, Metadata] = {}
        self._lock = threading.RLock()

    def computer(self, instance: Json) -> Computer:
        """What is behind an instance."""
        zone, disk = last(instance["zone"]), last(instance["disks"][0]["source"])
        known = self.cloud.records.get("disks", zone, disk) or {"id": "none"}
        made = Computer(self._folder("machines", instance["id"]), self._folder("disks", known["id"]), instance["id"])
        with self._lock:
            return self._computers.setdefault(instance["id"], made)

    def boot(self, instance: Json) -> None:
        """Start its processes, and the metadata server that they find."""
        cloud, computer, address = self.cloud, self.computer(instance), instance["_address"]
        self.agent(instance)
        self.plug(instance)
        computer.boot(
            address,
            cloud.ssh_port,
            metadata=f"{address}:{cloud.metadata_port}",
            environment=cloud.environment,
            owner=cloud.owner,
            scripts=agent.attributes(instance),
            grace_s=cloud.grace_s,
        )
        agent.tell_host_key(cloud, instance, computer)

    def agent(self, instance: Json) -> None:
        """What the agent on the machine does with its metadata: keys of those who may log in, and scripts."""
        computer = self.computer(instance)
        computer.authorize(agent.ssh_keys(self.cloud, instance))
        computer.scripts(agent.attributes(instance))

    def plug(self, instance: Json) -> None:
        """Give it its metadata server."""
        self.unplug(instance)
        place = last(instance["zone"]), instance["name"]
        with suppress(OSError):  # a machine without a metadata server is better than none
            server = Metadata(self.cloud, *place, instance["_address"], self.cloud.metadata_port)
            self._metadata[instance["id"]] = server

    def unplug(self, instance: Json) -> None:
        """Take its metadata server away."""
        if server := self._metadata.pop(instance["id"], None):
            server.end()

    def scrap(self, instance: Json) -> None:
        """Forget it; its disk is not meant."""
        computer = self.computer(instance)
        computer.end()
        shutil.rmtree(computer.folder, ignore_errors=True)
        with self._lock:
            self._computers.pop(instance["id"], None)

    def drop_disk(self, zone: str, name: str) -> None:
        """Delete a disk with what is on it."""
        disk = self.cloud.records.get("disks", zone, name)
        if disk is not None:
            shutil.rmtree(self._folder("disks", disk["id"]), ignore_errors=True)
            self.cloud.records.drop("disks", zone, name)

    def end(self) -> None:
        """Cut the power of all of them."""
        for server in list(self._metadata.values()):
            server.end()
        for instance in self.cloud.records.all("instances"):
            self.computer(instance).end()

    def _folder(self, what: str, number: str) -> Any:
        return self.cloud.folder / what / number
