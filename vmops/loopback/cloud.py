"""The cloud itself: its project, its records, its machines and their metadata servers, on 127.0.0.0/8 alone."""

from __future__ import annotations

import getpass
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from vmops.loopback import addresses, agent, computer, guestfiles, lifecycle, things
from vmops.loopback.asked import last
from vmops.loopback.faults import Faults
from vmops.loopback.keeper import keep
from vmops.loopback.operations import Operations, now, number
from vmops.loopback.rack import Rack
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
        self.rack = Rack(self)
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
        ssh = {"ssh": bool(computer.sshd()), "ssh_port": self.ssh_port, "user": getpass.getuser(),
               "key": str(self.key), "known_hosts": str(self.known_hosts)}  # fmt: skip
        return {"endpoint": self.endpoint, "project": self.project, **ssh, "folder": str(self.folder),
                "pid": os.getpid(), "simulated": True}  # fmt: skip

    def settings(self, **changes: Any) -> Settings:
        """Settings that lead here, with kinds for tests: cpu, t4 and t4-spot."""
        return replace(agent.settings(self.endpoint, self.project, self.ssh_port, self.key), **changes)

    def machine(self, name: str) -> Json:
        """An instance by its name alone; KeyError where there is none."""
        found = {body["name"]: body for body in self.records.all("instances")}
        return found[name]

    def home(self, name: str) -> Path:
        """The home folder on a machine's disk."""
        return self.rack.computer(self.machine(name)).home

    def pids(self, name: str) -> set[int]:
        """The processes of a machine."""
        return self.rack.computer(self.machine(name)).pids()

    def preempt(self, name: str, notice_s: float = lifecycle.NOTICE_S, power_button: bool = False) -> str:
        """Take a machine away after a notice, with which its power button is pressed if asked; the operation's name."""
        body = self.machine(name)
        zone = f"zones/{last(body['zone'])}"
        facts = {"notice_s": notice_s, "power_button": power_button}
        return str(
            self.operations.ask(
                "compute.instances.preempted",
                zone,
                f"{zone}/instances/{name}",
                target_id=body["id"],
                user="system@google.com",
                facts=facts,
            )["name"]
        )

    def close(self) -> None:
        """End the cloud and the processes of all its machines; disks and records stay."""
        self.closed = True
        with self.records.changed:
            self.records.changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self.rack.end()

    def _begin(self) -> None:
        for instance in self.records.all("instances"):
            if instance["status"] == "RUNNING":
                self.rack.plug(instance)
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


@contextmanager
def cloud(folder: Path, **how: Any) -> Iterator[Cloud]:
    """A cloud for as long as it is needed; its machines end with this process, however it ends."""
    made = Cloud(folder, **{"owner": os.getpid(), **how})
    try:
        yield made
    finally:
        made.close()
