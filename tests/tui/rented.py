"""Machines for the screens: settings that lead to a cloud on this computer, and a desk that answers by itself."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import yaml

from engine.workspace import Workspace
from vmops.errors import OutsideError
from vmops.loopback import Cloud
from vmops.provider import Kind, Machine, Offer, Orphan, Plan
from vmops.watched import Watched

KINDS = (
    Kind("cpu", "n1-standard-4", image_project="p", image_family="f"),
    Kind("t4-spot", "n1-standard-4", "nvidia-tesla-t4", 1, spot=True, image_project="p", image_family="f"),
)


def settle(workspace: Workspace, cloud: Cloud, **changes: Any) -> None:
    """Let the workspace's machines be those of this cloud."""
    known = cloud.settings()
    write(workspace, endpoint=cloud.endpoint, project=cloud.project, zones=list(known.zones),
          ssh={"user": known.ssh.user, "key": known.ssh.key, "port": known.ssh.port}, **changes)  # fmt: skip


def write(workspace: Workspace, **said: Any) -> None:
    """`configs/machines.yaml` of two kinds, with what else is said."""
    kinds = {kind.name: {"machine_type": kind.machine_type, "gpu": kind.gpu, "gpus": kind.gpus, "spot": kind.spot,
                         "image": {"project": "debian-cloud", "family": "debian-12"}} for kind in KINDS}  # fmt: skip
    base = {"zones": ["us-central1-a"], "kinds": kinds, "budget": {"month_usd": 100}}
    (workspace.configs / "machines.yaml").write_text(yaml.safe_dump({**base, **said}))


def machine(name: str = "gpu-1", state: str = "running", **given: Any) -> Machine:
    """A machine as the cloud would tell of it."""
    now = time.time()
    told = {"kind": "t4-spot", "zone": "us-central1-a", "spot": True, "gpu": "nvidia-tesla-t4", "gpus": 1, "id": "7",
            "machine_type": "n1-standard-4", "disk_gb": 100, "disk_type": "pd-balanced", "address": "127.0.0.9",
            "created_at": now - 900, "started_at": now - 600, "simulated": True}  # fmt: skip
    return Machine(name=name, state=state, **{**told, **given})


class SmallDesk:
    """A desk whose machines are values; keeps what it was asked, and raises what it is told to."""

    def __init__(self, *machines: Machine, trouble: OutsideError | None = None) -> None:
        self.there = {one.name: one for one in machines}
        self.trouble = trouble
        self.asked: list[tuple[Any, ...]] = []
        self.guards: dict[str, Watched] = {}
        self.lost = [Orphan("disk", "old-disk", "us-central1-a", "no machine uses it", 4.0)]

    def machines(self) -> list[Machine]:
        self.asked.append(("machines",))
        if self.trouble is not None:
            raise self.trouble
        return list(self.there.values())

    def plan(self, kind: str, name: str) -> Plan:
        self.asked.append(("plan", kind, name))
        known = next(one for one in KINDS if one.name == kind)
        zones = (Offer("us-central1-a", 0.2, out_at=1.7e9), Offer("us-east1-c", 0.3))
        choice = "spot: it may go at any time"
        return Plan(name, known, {}, zones, 0.2, 0.2, 0.5, "a list of June", choice, ("24 h",), ())

    def stop(self, name: str, say: Any) -> Machine:
        self.asked.append(("stop", name))
        say("waiting")
        if self.trouble is not None:
            raise self.trouble
        self.there[name] = replace(self.there[name], state="stopped", wanted="stopped", stopped_at=time.time())
        return self.there[name]

    def orphans(self) -> list[Orphan]:
        return self.lost

    def delete_orphan(self, what: str, name: str, place: str, say: Any) -> None:
        self.asked.append(("delete_orphan", what, name, place))
        self.lost = []

    def serial(self, name: str) -> str:
        return "booting\nlogin:\n"

    def watchdog(self, name: str) -> Watched | None:
        self.asked.append(("watchdog", name))
        return self.guards.get(name)

    def close(self) -> None:
        self.asked.append(("close",))
