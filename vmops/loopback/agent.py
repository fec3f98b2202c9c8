"""What Google's agent does on a machine: lets keys in that the metadata names, and publishes the host key."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vmops.loopback.asked import last
from vmops.loopback.computer import Computer
from vmops.provider import Kind
from vmops.settings import Settings, Ssh

if TYPE_CHECKING:
    from vmops.loopback.cloud import Cloud

Json = dict[str, Any]


def attributes(instance: Json) -> dict[str, str]:
    """The metadata of an instance, by key."""
    return {item["key"]: item.get("value", "") for item in instance["metadata"]["items"]}


def ssh_keys(cloud: Cloud, instance: Json) -> list[str]:
    """`user:key` of all who may log in: by the project's metadata, unless it is blocked, and by the instance's own."""
    own = attributes(instance)
    common = f"{getpass.getuser()}:{cloud.key.with_suffix('.pub').read_text()}"
    blocked = own.get("block-project-ssh-keys", "").lower() == "true"
    entries = [*own.get("ssh-keys", "").splitlines(), *([] if blocked else common.splitlines())]
    return [entry for entry in entries if entry.strip()]


def tell_host_key(cloud: Cloud, instance: Json, computer: Computer) -> None:
    """On the serial port, among the guest's attributes where these are switched on, and in a file for OpenSSH."""
    key, user = computer.host_key(), getpass.getuser()
    computer.say(f"-----BEGIN SSH HOST KEY KEYS-----\n{key} {user}@{instance['name']}\n-----END SSH HOST KEY KEYS-----")
    if attributes(instance).get("enable-guest-attributes", "").lower() == "true":
        kind, _, value = key.partition(" ")
        publish(cloud, last(instance["zone"]), instance["name"], "hostkeys", kind, value)
    place = f"[{instance['_address']}]:{cloud.ssh_port}"
    with cloud.records.changed:
        known = cloud.known_hosts.read_text().splitlines() if cloud.known_hosts.exists() else []
        lines = [*(line for line in known if not line.startswith(f"{place} ")), f"{place} {key}"]
        cloud.known_hosts.write_text("".join(f"{line}\n" for line in lines))


def publish(cloud: Cloud, zone: str, name: str, namespace: str, key: str, value: str) -> None:
    """Keep a guest attribute."""
    with cloud.records.changed:
        have = (cloud.records.get("guest", zone, name) or {"items": []})["items"]
        kept = [item for item in have if (item["namespace"], item["key"]) != (namespace, key)]
        cloud.records.put("guest", zone, name, {"items": [*kept, {"namespace": namespace, "key": key, "value": value}]})


def published(cloud: Cloud, instance: Json) -> list[Json]:
    """The guest attributes of an instance."""
    found = cloud.records.get("guest", last(instance["zone"]), instance["name"])
    return list(found["items"]) if found else []


def settings(endpoint: str, project: str, port: int, key: Path) -> Settings:
    """Settings that lead to a cloud on this computer, with kinds for tests."""

    def kind(name: str, **more: Any) -> Kind:
        return Kind(**{"name": name, "machine_type": "n1-standard-4", "image_project": "debian-cloud", "disk_gb": 50,
                       "image_family": "debian-12", "python": sys.executable, **more})  # fmt: skip

    kinds = [kind("cpu"), kind("t4", gpu="nvidia-tesla-t4", gpus=1), kind("cpu-spot", spot=True),
             kind("t4-spot", gpu="nvidia-tesla-t4", gpus=1, spot=True)]  # fmt: skip
    zones = ("us-central1-a", "us-central1-b", "us-central1-c", "us-east1-c", "europe-west4-a")
    ssh = Ssh(user=getpass.getuser(), key=str(key), port=port)
    return Settings(project=project, endpoint=endpoint, zones=zones, ssh=ssh, kinds={one.name: one for one in kinds})
