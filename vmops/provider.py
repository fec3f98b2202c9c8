"""What can be done with rented machines, and the values in which it is told; whose cloud it is, others know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

STATES = ("asked", "provisioning", "staging", "running", "stopping", "stopped", "gone")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Kind:
    """A kind of machine, by the name under which people ask for it."""

    name: str
    machine_type: str
    gpu: str = ""
    gpus: int = 0
    spot: bool = False
    disk_gb: int = 50
    disk_type: str = "pd-balanced"
    image_project: str = ""
    image_family: str = ""
    max_hours: float = 24.0
    at_limit: str = "stop"  # what the cloud does at max_hours, and to a spot machine that it takes back: stop, delete
    scopes: tuple[str, ...] = ()
    python: str = ""  # an environment that is there already; empty: made from requirements.lock


@dataclass(frozen=True)
class Machine:
    """A machine, as the cloud told of it at one moment; times are seconds since 1970."""

    name: str
    kind: str
    zone: str
    state: str  # one of STATES
    wanted: str = ""  # running, stopped, deleted; empty where nobody here has asked for anything
    spot: bool = False
    address: str = ""
    port: int = 22
    id: str = ""
    created_at: float = 0.0
    started_at: float | None = None
    stopped_at: float | None = None
    gpu: str = ""
    gpus: int = 0
    machine_type: str = ""
    disk_gb: int = 0
    disk_type: str = ""
    preempted: bool = False
    problem: str = ""
    simulated: bool = False
    ends_at: float | None = None  # when the cloud stops or deletes it, whatever it does then
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def region(self) -> str:
        return self.zone.rpartition("-")[0]


@dataclass(frozen=True)
class Offer:
    """A zone in which a kind could be had."""

    zone: str
    hourly_usd: float | None  # None where no price is known
    out_at: float | None = None  # when it last had none left
    quota: str = ""  # why a quota forbids it; empty where none does


@dataclass(frozen=True)
class Allowance:
    """A quota: how much of something a project may use, and does."""

    metric: str
    limit: float
    usage: float
    region: str = ""  # empty: it counts over all regions
    asked: float = 0.0

    @property
    def enough(self) -> bool:
        return self.usage + self.asked <= self.limit


@dataclass(frozen=True)
class Plan:
    """What `create` would ask for, and what that costs; making it changes nothing."""

    name: str
    kind: Kind
    body: Mapping[str, Any]  # the request for the first zone, exactly
    zones: tuple[Offer, ...]  # in the order in which they would be asked
    hourly_usd: float | None
    spot_usd: float | None
    standard_usd: float | None
    prices: str  # where prices are from, and their date
    choice: str  # spot or standard: what the choice means
    limits: tuple[str, ...]
    quotas: tuple[Allowance, ...]
    problems: tuple[str, ...] = ()  # what would make `create` refuse
    there: Machine | None = None  # a machine of this name that is there already
    simulated: bool = False


@dataclass(frozen=True)
class Orphan:
    """Something that costs and that nothing uses, or of which nobody here knows."""

    what: str  # disk, address, machine
    name: str
    place: str  # its zone, or the region of an address
    why: str
    monthly_usd: float | None
    created_at: float = 0.0


@dataclass(frozen=True)
class Call:
    """A question to the cloud, when it was over."""

    what: str
    seconds: float
    said: str
    ok: bool


def silent(words: str) -> None:
    """Where nobody wants to hear of progress."""


class Provider(Protocol):
    """Somebody who rents out machines. Every method blocks; acts are journaled before they are asked for, and audited.

    Acts are idempotent: what is there already is not made again, what is stopped is not stopped, and `say` hears so.
    """

    def machines(self) -> list[Machine]:
        """Every machine that bears our label."""
        ...

    def machine(self, name: str) -> Machine:
        """One of these; NotFound where there is none."""
        ...

    def plan(self, kind: str, name: str, *, over_budget: bool = False) -> Plan:
        """What `create` would do."""
        ...

    def create(self, kind: str, name: str, say: Say = silent, *, over_budget: bool = False) -> Machine:
        """A running machine of a kind; the next zone where one has none left."""
        ...

    def start(self, name: str, say: Say = silent, *, over_budget: bool = False) -> Machine:
        """A stopped machine, running again."""
        ...

    def stop(self, name: str, say: Say = silent) -> Machine:
        """A machine that is stopped; its disk stays, and costs."""
        ...

    def delete(self, name: str, say: Say = silent) -> Machine:
        """A machine that is gone, and its disk with it."""
        ...

    def adopt(self, say: Say = silent) -> list[Machine]:
        """Wait for what somebody asked for and did not wait for."""
        ...

    def quotas(self) -> list[Allowance]:
        """What the project may use of what the kinds need."""
        ...

    def orphans(self) -> list[Orphan]:
        """What costs without use."""
        ...

    def delete_orphan(self, what: str, name: str, place: str, say: Say = silent) -> None:
        """Delete one of these."""
        ...

    def host_keys(self, name: str) -> list[str]:
        """The ssh host keys that a machine has told to the cloud, each a line; none before it booted."""
        ...

    def watchdog(self, name: str) -> str:
        """What the watchdog on a machine has told, as vmops/watched.py reads it; empty where it has told nothing."""
        ...

    def serial(self, name: str) -> str:
        """What a machine wrote to its first serial port."""
        ...
