"""Where a run is to be done: a machine that is rented, which can be started and stopped, or one that is just there."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Protocol

from engine import machines
from engine.remote.errors import Taken
from engine.workspace import Workspace
from vmops import hostkeys, hosts
from vmops.desk import Desk
from vmops.errors import Conflict, NotFound
from vmops.journal import Journal
from vmops.provider import Machine, Say
from vmops.settings import Settings
from vmops.ssh import Host


class Place(Protocol):
    """A machine."""

    name: str
    rented: bool

    def names(self) -> set[str]:
        """Names that are taken."""
        ...

    def ready(self, make: str, say: Say) -> Host:
        """How it is reached; it is started if need be, and made where a kind to make it of is named."""
        ...

    def host(self) -> Host:
        """How it is reached, as it is; Taken where it is not running any more."""
        ...

    def check(self) -> None:
        """Taken where it is known that it is not running any more."""
        ...

    def end(self, then: str, say: Say) -> None:
        """Stop it, or delete it."""
        ...

    def facts(self) -> Mapping[str, Any]:
        """What setting up has to know: python, gpu, watchdog, kind."""
        ...

    def close(self) -> None:
        """Nothing more will be asked."""
        ...


def of_name(workspace: Workspace, name: str) -> Place:
    """The machine of a name: one of `hosts:` in configs/machines.yaml, else a rented one."""
    settings = machines.settings(workspace)
    if name in settings.hosts:
        return Fixed(workspace, settings, name)
    return Rented(workspace, settings, name)


class Fixed:
    """A machine that is nobody's to start or stop."""

    rented = False

    def __init__(self, workspace: Workspace, settings: Settings, name: str) -> None:
        self.name = name
        self._settings = settings
        self._folder = workspace.machines

    def names(self) -> set[str]:
        return set(self._settings.hosts)

    def ready(self, make: str, say: Say) -> Host:
        return self.host()

    def host(self) -> Host:
        return hosts.fixed(self._settings, self._folder, self.name)

    def check(self) -> None:
        """Nobody knows more of it than ssh does."""

    def end(self, then: str, say: Say) -> None:
        say(f"{self.name} stays as it is: it is nobody's to {then}")

    def facts(self) -> Mapping[str, Any]:
        return {"python": self._settings.hosts[self.name].python}

    def close(self) -> None:
        """There was nobody to ask."""


class Rented:
    """A machine of the cloud."""

    rented = True

    def __init__(self, workspace: Workspace, settings: Settings, name: str) -> None:
        self.name = name
        self._settings = settings
        self._folder = workspace.machines
        self._desk: Desk = machines.desk(workspace)
        self._seen: Machine | None = None

    def names(self) -> set[str]:
        return {machine.name for machine in self._desk.machines()} | set(self._settings.hosts)

    def ready(self, make: str, say: Say) -> Host:
        self._seen = self._running(make, say)
        return hosts.rented(self._settings, self._folder, self._seen)

    def _running(self, make: str, say: Say) -> Machine:
        try:
            machine = self._look()
        except NotFound:
            if not make:
                raise
            return self._desk.create(make, self.name, say=say)
        if make and machine.kind != make:
            words = f"{self.name} is there already, of the kind {machine.kind!r} and not {make!r}"
            raise Conflict(words, hint=f"another name after --on, or --kind {machine.kind}")
        if machine.state == "running" and self._is_acquainted(machine):
            return machine
        return self._desk.start(self.name, say=say)  # of one that runs, this only finishes what was begun with it

    def _is_acquainted(self, machine: Machine) -> bool:
        """Whether its host key is known; who made it may have been killed before that."""
        return not machine.address or bool(hostkeys.known(hosts.rented(self._settings, self._folder, machine)))

    def host(self) -> Host:
        self.check()
        assert self._seen is not None
        return hosts.rented(self._settings, self._folder, self._seen)

    def check(self) -> None:
        try:
            machine = self._look()
        except NotFound:
            raise self._deleted() from None
        if machine.state == "gone":
            raise self._deleted()
        if machine.preempted:
            raise Taken(f"{self.name} was preempted", preempted=True)
        if machine.state in ("stopping", "stopped"):
            raise Taken(f"{self.name} is stopped; how the run ended there is not known")

    def end(self, then: str, say: Say) -> None:
        try:
            if then == "delete":
                self._desk.delete(self.name, say=say)
            else:
                self._desk.stop(self.name, say=say)
        except NotFound:
            say(f"{self.name} is gone already")

    def facts(self) -> Mapping[str, Any]:
        machine = self._seen or self._look()
        kind = self._settings.kinds.get(machine.kind)
        idle = self._settings.idle
        watchdog = {
            "stop_glob": "~/footplate/workspaces/*/runs/*",
            "idle_minutes": idle.stop_after_minutes,
            "delete_after_hours": idle.delete_after_hours,
            "max_hours": kind.max_hours if kind else None,
        }
        gpu = "" if machine.simulated else machine.gpu
        return {"python": kind.python if kind else "", "gpu": gpu, "kind": machine.kind, "watchdog": watchdog}

    def close(self) -> None:
        self._desk.close()

    def _look(self) -> Machine:
        try:
            self._seen = self._desk.machine(self.name)
        except NotFound as error:
            hint = f"--kind KIND beside --on makes it, as does footplate vm create KIND {self.name}"
            raise NotFound(error.message, hint=hint) from None
        return self._seen

    def _deleted(self) -> Taken:
        return Taken(f"{self.name} does not exist any more", for_good=True, preempted=self._taken_back_for_good())

    def _taken_back_for_good(self) -> bool:
        """Whether only the cloud can have deleted it: nobody here did, and it does so with what it takes back."""
        asked = Journal(self._folder / "operations").read(self.name)
        if asked is None or asked.wanted == "deleted":
            return False
        kind, ends_at = self._settings.kinds.get(asked.kind), self._seen.ends_at if self._seen else None
        by_limit = ends_at is not None and time.time() >= ends_at
        return kind is not None and kind.spot and kind.at_limit == "delete" and not by_limit
