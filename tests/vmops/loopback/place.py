"""A place with a Compute API: the cloud on this computer, or Google's own where somebody has lent a project."""

from __future__ import annotations

import itertools
import os
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import compute_v1 as c

from tests import outside
from vmops import loopback

ZONE, REGION = "us-central1-a", "us-central1"
NUMBERS = itertools.count(1)
LABELS = {"footplate": "tests"}


@dataclass
class Place:
    """The clients of one project, and what tests do with them over and over."""

    project: str
    endpoint: str = ""  # empty: Google's own

    @property
    def simulated(self) -> bool:
        """Whether it is on this computer."""
        return bool(self.endpoint)

    @property
    def how(self) -> dict[str, Any]:
        """How a client is made."""
        if not self.endpoint:
            return {}
        return {"credentials": AnonymousCredentials(), "client_options": ClientOptions(api_endpoint=self.endpoint)}

    @cached_property
    def instances(self) -> c.InstancesClient:
        return c.InstancesClient(**self.how)

    @cached_property
    def operations(self) -> c.ZoneOperationsClient:
        return c.ZoneOperationsClient(**self.how)

    @cached_property
    def disks(self) -> c.DisksClient:
        return c.DisksClient(**self.how)

    def client(self, kind: str) -> Any:
        """Any other client: `Zones` makes a ZonesClient."""
        return getattr(c, f"{kind}Client")(**self.how)

    def at(self, name: str) -> dict[str, str]:
        """The words that name an instance."""
        return {"project": self.project, "zone": ZONE, "instance": name}

    def insert(self, name: str, *, zone: str = ZONE, request_id: str = "", **more: Any) -> c.Operation:
        """Ask for a small machine, and do not wait."""
        asked = {"project": self.project, "zone": zone, "instance_resource": body(name, zone, **more)}
        return self.instances.insert_unary(
            c.InsertInstanceRequest(**asked, **({"request_id": request_id} if request_id else {}))
        )

    def made(self, name: str = "", **more: Any) -> c.Instance:
        """A small machine that runs."""
        called = name or new_name()
        self.done(self.insert(called, **more))
        return self.get(called)

    def get(self, name: str) -> c.Instance:
        return self.instances.get(**self.at(name))

    def done(self, asked: c.Operation) -> c.Operation:
        """The operation when it is done, well or not."""
        zone = asked.zone.rpartition("/")[2]
        while asked.status != c.Operation.Status.DONE:
            asked = self.operations.wait(project=self.project, zone=zone, operation=asked.name)
        return asked

    def act(self, verb: str, name: str) -> c.Operation:
        """start, stop or delete, to its end."""
        return self.done(getattr(self.instances, f"{verb}_unary")(**self.at(name)))

    def clear(self) -> None:
        """Delete every machine and disk that a test has left."""
        for zone, found in self.instances.aggregated_list(project=self.project):
            for one in found.instances:
                if one.labels.get("footplate") == "tests":
                    place = {"project": self.project, "zone": zone.rpartition("/")[2], "instance": one.name}
                    self.done(self.instances.delete_unary(**place))


def new_name(what: str = "vm") -> str:
    """A name that no other test has, nor had."""
    return f"fpt-{what}-{os.getpid()}-{next(NUMBERS)}-{int(time.time()) % 100_000}"


def body(name: str, zone: str = ZONE, **more: Any) -> c.Instance:
    """The smallest machine, with fields of its own."""
    image = "projects/debian-cloud/global/images/family/debian-12"
    params = c.AttachedDiskInitializeParams(disk_size_gb=10, source_image=image)
    disks = [c.AttachedDisk(boot=True, auto_delete=more.pop("auto_delete", True), initialize_params=params)]
    access = c.AccessConfig(name="External NAT", type_="ONE_TO_ONE_NAT")
    network = c.NetworkInterface(network="global/networks/default", access_configs=[access])
    kind = f"zones/{zone}/machineTypes/e2-micro"
    usual = {"machine_type": kind, "labels": LABELS, "disks": disks, "network_interfaces": [network]}
    return c.Instance(name=name, **{**usual, **more})


def spot(**more: Any) -> c.Scheduling:
    """How a spot machine is asked for."""
    usual = {"provisioning_model": "SPOT", "instance_termination_action": "STOP", "automatic_restart": False}
    return c.Scheduling(**{**usual, "on_host_maintenance": "TERMINATE", **more})


def gpu(zone: str = ZONE, count: int = 1) -> dict[str, Any]:
    """The fields of a machine with T4s, of the type that takes them."""
    kind = c.AcceleratorConfig(
        accelerator_type=f"zones/{zone}/acceleratorTypes/nvidia-tesla-t4", accelerator_count=count
    )
    return {
        "machine_type": f"zones/{zone}/machineTypes/n1-standard-4",
        "guest_accelerators": [kind],
        "scheduling": spot(),
    }


def of(cloud: loopback.Cloud) -> Place:
    """The cloud on this computer."""
    return Place(cloud.project, cloud.endpoint)


def real() -> Place:
    """Google's own."""
    return Place(outside.real_project())
