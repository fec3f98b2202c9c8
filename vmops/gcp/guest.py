"""What a machine tells of itself to whoever may ask the cloud: its guest attributes."""

from __future__ import annotations

from vmops.errors import NotFound, Refused
from vmops.gcp.cloud import Cloud
from vmops.provider import Machine


def told(cloud: Cloud, machine: Machine, path: str) -> dict[str, str]:
    """What stands below a path, by its key; nothing before the machine has told anything there."""
    try:
        answer = cloud.ask(
            f"instances.getGuestAttributes {machine.zone} {machine.name} {path}",
            cloud.clients.instances.get_guest_attributes,
            zone=machine.zone,
            instance=machine.name,
            query_path=path,
        )
    except (NotFound, Refused):  # that nothing has been told yet is an error there
        return {}
    return {one.key: one.value for one in answer.query_value.items}
