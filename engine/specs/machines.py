"""What `configs/machines.yaml` holds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, field_validator, model_validator

from engine.specs.common import Fraction, Group
from vmops import settings as vm
from vmops.provider import Kind as VmKind

NAME = r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"
Name = Annotated[str, Field(pattern=NAME, description="a name of a-z, 0-9 and -, a letter first, as t4-spot")]
Label = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,63}$", description="1 to 63 of a-z, 0-9, _ and -, as lab")]
Zone = Annotated[str, Field(pattern=r"^[a-z]+-[a-z]+\d+-[a-z]$", description="a zone, as us-central1-a")]
Project = Annotated[
    str, Field(pattern=r"^(([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9])?$", description="a project's id, or nothing")
]
Scope = Annotated[
    str, Field(pattern=r"^https://www\.googleapis\.com/auth/[\w.-]+$", description="https://www.googleapis.com/auth/…")
]
Port = Annotated[int, Field(ge=1, le=65535)]
LONGEST_H = 120 * 24  # Google takes no limit beyond 120 days


class Image(Group):
    """From which image the boot disk is made: the newest of a family."""

    project: Annotated[str, Field(min_length=1)]
    family: Name


class Kind(Group):
    """A kind of machine."""

    machine_type: Name
    gpu: Annotated[str, Field(pattern=rf"^$|{NAME}", description="a type of GPU, as nvidia-tesla-t4, or nothing")] = ""
    gpus: NonNegativeInt = 0
    spot: bool = False
    disk_gb: Annotated[int, Field(ge=10, le=65536)] = 50
    disk_type: Literal["pd-balanced", "pd-standard", "pd-ssd", "hyperdisk-balanced"] = "pd-balanced"
    image: Image
    max_hours: Annotated[float, Field(gt=0.01, le=LONGEST_H)] = 24.0
    at_limit: Literal["stop", "delete"] = "stop"
    scopes: tuple[Scope, ...] = ()
    python: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Kind:
        if bool(self.gpu) != bool(self.gpus):
            raise ValueError("gpu names a type and gpus how many: both or none")
        return self

    def value(self, name: str) -> VmKind:
        """As those have it who speak with the cloud."""
        own = self.model_dump(exclude={"image"})
        return VmKind(name=name, image_project=self.image.project, image_family=self.image.family, **own)


class Budget(Group):
    """How much a month may cost."""

    month_usd: PositiveFloat | None = None
    warn_at: Fraction = 0.8
    refuse: bool = True


class Idle(Group):
    """When a machine that does nothing stops itself, and when a stopped one counts as forgotten."""

    stop_after_minutes: PositiveFloat = 30.0
    delete_after_hours: NonNegativeFloat = 168.0


class Ssh(Group):
    """How to log in."""

    user: str = ""
    key: str = ""
    port: Port = 22
    options: tuple[str, ...] = ()


class Fixed(Group):
    """A machine that is nobody's to start or stop."""

    address: Annotated[str, Field(min_length=1)]
    user: str = ""
    port: Port = 22
    key: str = ""
    python: str = ""


class Machines(Group):
    """Everything about machines."""

    provider: Literal["gce"] = "gce"
    project: Project = ""
    endpoint: str = ""
    label: Label = "lab"
    zones: Annotated[tuple[Zone, ...], Field(min_length=1)]
    budget: Budget = Budget()
    idle: Idle = Idle()
    ssh: Ssh = Ssh()
    hosts: dict[Name, Fixed] = {}
    kinds: dict[Name, Kind] = {}

    @field_validator("endpoint")
    @classmethod
    def _here(cls, endpoint: str) -> str:
        if endpoint and not vm.on_loopback(endpoint):
            raise ValueError(
                f"only an address on this computer, as http://127.0.0.1:PORT, or nothing, got {endpoint!r}"
            )
        return endpoint

    @field_validator("zones")
    @classmethod
    def _once(cls, zones: tuple[str, ...]) -> tuple[str, ...]:
        if twice := sorted({zone for zone in zones if zones.count(zone) > 1}):
            raise ValueError(f"named twice: {', '.join(twice)}")
        return zones

    def value(self) -> vm.Settings:
        """As those have it who speak with the cloud."""
        return vm.Settings(
            provider=self.provider,
            project=self.project,
            endpoint=self.endpoint,
            label=self.label,
            zones=self.zones,
            budget=vm.Budget(**self.budget.model_dump()),
            idle=vm.Idle(**self.idle.model_dump()),
            ssh=vm.Ssh(**self.ssh.model_dump()),
            hosts={name: vm.Fixed(name=name, **host.model_dump()) for name, host in self.hosts.items()},
            kinds={name: kind.value(name) for name, kind in self.kinds.items()},
        )
