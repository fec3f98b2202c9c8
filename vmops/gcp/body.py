"""What is asked of Google for a machine of a kind: the body of the request, as the REST API has it."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vmops import naming
from vmops.errors import Refused
from vmops.provider import Kind
from vmops.settings import Settings

LABEL, KIND_LABEL, ASK_LABEL = "footplate", "footplate-kind", "footplate-ask"
DEFAULT_SCOPES = (
    "https://www.googleapis.com/auth/devstorage.read_write",
    "https://www.googleapis.com/auth/logging.write",
)

# The second way, beside the watchdog's own look at the metadata: whatever runs is asked for a checkpoint before the
# power goes. A pretended machine has one home only, and must not look into those of this computer.
SHUTDOWN = """#!/bin/sh
homes=${HOME:-/root}
[ -n "$FOOTPLATE_MACHINE" ] || homes="$homes /root /home/*"
for home in $homes; do
  dog=$home/footplate/watchdog
  if [ -f "$dog/settings.json" ]; then
    python3 "$dog/watchdog.py" preempted "$dog/settings.json"
    [ -n "$FOOTPLATE_MACHINE" ] && break
  fi
done
exit 0
"""


def instance(settings: Settings, kind: Kind, name: str, zone: str, ask: str) -> dict[str, Any]:
    """A machine of a kind in a zone; `ask` is a label by which it is known again as the one that we asked for."""
    body: dict[str, Any] = {
        "name": naming.machine(name),
        "machineType": f"zones/{naming.zone(zone)}/machineTypes/{naming.machine(kind.machine_type, 'machine type')}",
        "labels": labels(settings, kind.name, ask),
        "disks": [_disk(settings, kind, zone)],
        "networkInterfaces": [
            {
                "network": "global/networks/default",
                "accessConfigs": [{"name": "External NAT", "type": "ONE_TO_ONE_NAT"}],
            }
        ],
        "scheduling": _scheduling(kind),
        "serviceAccounts": [{"email": "default", "scopes": list(kind.scopes or DEFAULT_SCOPES)}],
        "metadata": {"items": [{"key": key, "value": value} for key, value in metadata(settings, kind).items()]},
    }
    if kind.gpus:
        accelerator = f"zones/{zone}/acceleratorTypes/{naming.machine(kind.gpu, 'GPU')}"
        body["guestAccelerators"] = [{"acceleratorType": accelerator, "acceleratorCount": kind.gpus}]
    return body


def labels(settings: Settings, kind: str, ask: str) -> dict[str, str]:
    """By which machines are known as ours, and of which kind they are."""
    found = {LABEL: settings.label, KIND_LABEL: kind, ASK_LABEL: ask}
    return {naming.label(key): naming.label(value) for key, value in found.items()}


def _disk(settings: Settings, kind: Kind, zone: str) -> dict[str, Any]:
    return {
        "boot": True,
        "autoDelete": True,
        "initializeParams": {
            "sourceImage": f"projects/{kind.image_project}/global/images/family/{kind.image_family}",
            "diskSizeGb": str(kind.disk_gb),
            "diskType": f"zones/{zone}/diskTypes/{naming.machine(kind.disk_type, 'type of disk')}",
            "labels": {LABEL: naming.label(settings.label)},
        },
    }


def _scheduling(kind: Kind) -> dict[str, Any]:
    """How long it may live, whatever happens to us, and what is done to it then.

    Google takes a limit only with an action, and spot machines only without automatic restart. Machines with a GPU
    cannot be moved while they run.
    """
    return {
        "provisioningModel": "SPOT" if kind.spot else "STANDARD",
        "automaticRestart": not kind.spot,
        "onHostMaintenance": "TERMINATE" if kind.spot or kind.gpus else "MIGRATE",
        "instanceTerminationAction": "DELETE" if kind.at_limit == "delete" else "STOP",
        "maxRunDuration": {"seconds": str(round(kind.max_hours * 3600))},
    }


def metadata(settings: Settings, kind: Kind) -> Mapping[str, str]:
    """What the machine can read about itself."""
    found = {
        "footplate-idle-stop-minutes": f"{settings.idle.stop_after_minutes:g}",
        "footplate-max-hours": f"{kind.max_hours:g}",
        "enable-guest-attributes": "TRUE",  # so it can tell its host key to who may ask the API
        "shutdown-script": SHUTDOWN,
        **_login(settings),
    }
    return {**found, "install-nvidia-driver": "True"} if kind.gpus else found


def _login(settings: Settings) -> Mapping[str, str]:
    """A key for a user where the settings name one; else Google's own log-in, by who may use the project."""
    if not settings.ssh.key:
        return {"enable-oslogin": "TRUE"}
    file = Path(f"{settings.ssh.key}.pub").expanduser()
    try:
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(
            f"{file}: {error}", hint="ssh.key in configs/machines.yaml names a private key; its .pub lies beside"
        ) from None
    if not key or "\n" in key or len(key.split()) < 2:
        raise Refused(f"{file}: not one public key in one line", hint="ssh-keygen makes one")
    user = settings.ssh.user or getpass.getuser()
    return {"ssh-keys": f"{user}:{key}", "enable-oslogin": "FALSE", "block-project-ssh-keys": "TRUE"}
