"""What somebody has settled about machines: whose cloud, which kinds, which limits; as values and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from vmops.provider import Kind


@dataclass(frozen=True)
class Budget:
    """How much a month may cost."""

    month_usd: float | None = None
    warn_at: float = 0.8
    refuse: bool = True


@dataclass(frozen=True)
class Idle:
    """How long a machine may be there for nobody: until it stops itself, and until its disk is too much.

    After `delete_after_hours` one that stands stopped is listed as forgotten, and one that runs unused deletes itself.
    """

    stop_after_minutes: float = 30.0
    delete_after_hours: float = 168.0


@dataclass(frozen=True)
class Ssh:
    """How to log in; what is empty OpenSSH's own configuration decides."""

    user: str = ""
    key: str = ""
    port: int = 22
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fixed:
    """A machine that is nobody's to start or stop: there is only ssh."""

    name: str
    address: str
    user: str = ""
    port: int = 22
    key: str = ""
    python: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything that a provider has to know."""

    provider: str = "gce"
    project: str = ""
    endpoint: str = ""
    label: str = "lab"
    zones: tuple[str, ...] = ()
    budget: Budget = Budget()
    idle: Idle = Idle()
    ssh: Ssh = Ssh()
    hosts: Mapping[str, Fixed] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    @property
    def simulated(self) -> bool:
        """Whether the cloud is one on this computer."""
        return on_loopback(self.endpoint)


def on_loopback(endpoint: str) -> bool:
    """Whether an address leads to this computer and nowhere else."""
    host = urlsplit(endpoint).hostname or ""
    return host in ("localhost", "::1") or (host.startswith("127.") and host.replace(".", "").isdigit())


def to_json(settings: Settings) -> dict[str, Any]:
    """As it goes to a process that speaks with the cloud."""
    return asdict(settings)


def from_json(value: Mapping[str, Any]) -> Settings:
    """As it comes out there."""
    kinds = {name: Kind(**{**kind, "scopes": tuple(kind.get("scopes", ()))}) for name, kind in value["kinds"].items()}
    return Settings(
        **{
            **value,
            "zones": tuple(value["zones"]),
            "budget": Budget(**value["budget"]),
            "idle": Idle(**value["idle"]),
            "ssh": Ssh(**{**value["ssh"], "options": tuple(value["ssh"]["options"])}),
            "hosts": {name: Fixed(**host) for name, host in value["hosts"].items()},
            "kinds": kinds,
        }
    )
