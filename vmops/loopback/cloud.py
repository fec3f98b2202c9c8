"""The cloud itself: its project, its records, its machines and their metadata servers, on 127.0.0.0/8 alone."""

from __future__ import annotations

import getpass
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from vmops.loopback import addresses, agent, guestfiles, images, lifecycle, things
from vmops.loopback.asked import last
from vmops.loopback.computer import Computer, sshd
from vmops.loopback.faults import Faults
from vmops.loopback.keeper import keep
from vmops.loopback.metadata import Metadata
from vmops.loopback.operations import Operations, now, number
from vmops.loopback.records import Records
from vmops.loopback.server import Request, Server
from vmops.settings import Settings

Json = dict[str, Any]
PROJECT, NUMBER = "footplate-loopback", "1000000000001"


class Cloud:
    """A running cloud; what it knows is in its folder, and another one on the same folder goes on with it.

    Args:
        pace_s: how long each stage of an operation takes.
        grace_s: how long a machine that is stopped may go on after its power button was pressed.
        notice_s: the notice of a simulated maintenance event.
        environment: what every process of its machines finds in its environment.
        owner: the process with which machines end; none where they outlive everybody.
    """

    def __init__(self, folder: Path, *, pace_s: float = 0.02, grace_s: float = 2.0, notice_s: float = 30.0,
                 environment: Mapping[str, str] | None = None, owner: int | None = None) -> None:  # fmt: skip
        self.folder, self.pace_s, self.grace_s, self.notice_s = folder.resolve(), pace_s, grace_s, notice_s
        self.environment, self.owner = dict(environment or {}), owner
        self.project, self.number, self.user, self.closed = PROJECT, NUMBER, "operator@footplate.example", False
        self.folder.mkdir(parents=True, exist_ok=True)
        self.records, self.faults, self.calls = Records(self.folder / "state"), Faults(), list[Request]()
        self._told = addresses.settle(self.records, now())
        self.born, self.ssh_port, self.metadata_port = (
            self._told[key] for key in ("born", "ssh_port", "metadata_port")
        )
        self._computers: dict[str, Computer] = {}
        self._metadata: dict[str, Metadata] = {}
        self._lock = threading.RLock()
        if not self.key.exists():
            guestfiles.key(self.key, "operator")
        self.operations = Operations(
            self, {"instances": lifecycle.ACTS, "disks": things.ACTS, "addresses": things.ACTS}
        )
        self._server = Server(self, self._told["api_port"])
        self._begin()

    # --- what others need ---------------------------------------------------------------------------------------------

    @property
    def endpoint(self) -> str:
        """Where the API is; it stays the same over restarts."""
        return f"http://127.0.0.1:{self._told['api_port']}"

    @property
    def key(self) -> Path:
        """The private key of a client; its public one is in the project's metadata, as `gcloud compute ssh` puts it."""
        return self.folder / "client_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The host keys of all machines, as OpenSSH reads them."""
        return self.folder / "known_hosts"

    def info(self) -> Json:
        """What another process needs to use this cloud."""
        return {"endpoint": self.endpoint, "project": self.project, "ssh": bool(sshd()), "ssh_port": self.ssh_port,
                "user": getpass.getuser(), "key": str(self.key), "known_hosts": str(self.known_hosts),
                "folder": str(self.folder), "pid": os.getpid(), "simulated": True}  # fmt: skip

    def settings(self, **changes: Any) -> Settings:
        """Settings that lead here, with kinds for tests: cpu, t4 and t4-spot."""
        return replace(agent.settings(self.endpoint, self.project, self.ssh_port, self.key), **changes)

    def machine(self, name: str) -> Json:
        """An instance by its name alone; KeyError where there is none."""
        found = {body["name"]: body for body in self.records.all("instances")}
        return found[name]

    def home(self, name: str) -> Path:
        """The home folder on a machine's disk."""
        return self.computer(self.machine(name)).home

    def pids(self, name: str) -> set[int]:
        """The processes of a machine."""
        return self.computer(self.machine(name)).pids()

    def preempt(self, name: str, notice_s: float = lifecycle.NOTICE_S, power_button: bool = False) -> str:
        """Take a machine away, after a notice; the operation's name. The power button is pressed with the notice if asked."""
        body = self.machine(name)
        zone = f"zones/{last(body['zone'])}"
        facts = {"notice_s": notice_s, "power_button": power_button}
        return str(self.operations.ask("compute.instances.preempted", zone, f"{zone}/instances/{name}",
                                       target_id=body["id"], user="system@google.com", facts=facts)["name"])  # fmt: skip

    def close(self) -> None:
        """End the cloud and the processes of all its machines; disks and records stay."""
        self.closed = True
        with self.records.changed:
            self.records.changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        for server in list(self._metadata.values()):
            server.end()
        for instance in self.records.all("instances"):
            self.computer(instance).end()

    def _begin(self) -> None:
        for instance in self.records.all("instances"):
            if instance["status"] == "RUNNING":
                self._plug(instance)
        self._server.begin()
        self.operations.go_on()
        threading.Thread(target=keep, args=(self,), daemon=True).start()

    # --- names --------------------------------------------------------------------------------------------------------

    now = staticmethod(now)

    def path(self, below: str) -> str:
        """As Compute names it in messages."""
        return f"projects/{self.project}/{below}"

    def url(self, below: str) -> str:
        """As Compute links to it."""
        return f"{self.endpoint}/compute/v1/projects/{self.project}/{below}".rstrip("/")

    def short(self, scope: str) -> str:
        """The last word of a scope."""
        return last(scope) or "global"

    def resource(self, kind: str, path: str) -> Json:
        """What every resource has."""
        return {"kind": f"compute#{kind}", "id": number(), "name": last(path), "creationTimestamp": now(),
                "selfLink": self.url(path)}  # fmt: skip

    def offered(self, kind: str, path: str) -> Json:
        """What everything that is offered has; its id follows from its name."""
        return {**self.resource(kind, path), "id": images.stable_id(path), "creationTimestamp": self.born,
                "description": last(path)}  # fmt: skip

    def image(self, url: str) -> Json:
        """The image that a family or a name leads to."""
        return images.find(self, url)

    # --- machines -----------------------------------------------------------------------------------------------------

    def computer(self, instance: Json) -> Computer:
        """What is behind an instance."""
        with self._lock:
            disk = self.records.get("disks", last(instance["zone"]), last(instance["disks"][0]["source"])) or {
                "id": "none"
            }
            made = Computer(
                self.folder / "machines" / instance["id"], self.folder / "disks" / disk["id"], instance["id"]
            )
            return self._computers.setdefault(instance["id"], made)

    def boot(self, instance: Json) -> None:
        """Start its processes, and the metadata server that they find."""
        computer = self.computer(instance)
        self.agent(instance)
        self._plug(instance)
        computer.boot(instance["_address"], self.ssh_port, metadata=f"{instance['_address']}:{self.metadata_port}",
                      environment=self.environment, owner=self.owner, scripts=agent.attributes(instance),
                      grace_s=self.grace_s)  # fmt: skip
        agent.tell_host_key(self, instance, computer)

    def agent(self, instance: Json) -> None:
        """What the agent on the machine does with its metadata: keys of those who may log in, and scripts."""
        computer = self.computer(instance)
        computer.authorize(agent.ssh_keys(self, instance))
        computer.scripts(agent.attributes(instance))

    def _plug(self, instance: Json) -> None:
        self.unplug(instance)
        place = last(instance["zone"]), instance["name"]
        with suppress(OSError):  # a machine without a metadata server is better than none
            self._metadata[instance["id"]] = Metadata(self, *place, instance["_address"], self.metadata_port)

    def unplug(self, instance: Json) -> None:
        """Take its metadata server away."""
        if server := self._metadata.pop(instance["id"], None):
            server.end()

    def drop_computer(self, instance: Json) -> None:
        """Forget it; its disk is not meant."""
        computer = self.computer(instance)
        computer.end()
        shutil.rmtree(computer.folder, ignore_errors=True)
        self._computers.pop(instance["id"], None)

    def drop_disk(self, zone: str, name: str) -> None:
        """Delete a disk with what is on it."""
        disk = self.records.get("disks", zone, name)
        if disk is not None:
            shutil.rmtree(self.folder / "disks" / disk["id"], ignore_errors=True)
            self.records.drop("disks", zone, name)

    def console(self, instance: Json) -> str:
        """What it has said on its serial port."""
        return self.computer(instance).console()

    def guest_attributes(self, instance: Json) -> list[Json]:
        """What it has published."""
        found = self.records.get("guest", last(instance["zone"]), instance["name"])
        return list(found["items"]) if found else []

    def publish(self, zone: str, name: str, namespace: str, key: str, value: str) -> None:
        """Keep what a guest publishes."""
        agent.publish(self, zone, name, namespace, key, value)

    # --- addresses ----------------------------------------------------------------------------------------------------

    def free_address(self, instance: Json) -> str:
        """The public address for this boot: the reserved one, or another one than last time."""
        configs = [one for network in instance["networkInterfaces"] for one in network.get("accessConfigs", [])]
        reserved = next((one["natIP"] for one in configs if one.get("_reserved")), "")
        return reserved or self.new_address()

    def new_address(self) -> str:
        """An address on loopback that nobody here has."""
        return addresses.take(self.records)

    def inner_address(self) -> str:
        """An address inside of the network; nothing answers there."""
        return addresses.inner(self.records)


@contextmanager
def cloud(folder: Path, **how: Any) -> Iterator[Cloud]:
    """A cloud for as long as it is needed; its machines end with this process, however it ends."""
    made = Cloud(folder, **{"owner": os.getpid(), **how})
    try:
        yield made
    finally:
        made.close()
