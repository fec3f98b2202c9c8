"""What all acts share: the clients, the journal, what was out, what is audited, and how machines are looked up."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from google.cloud import compute_v1 as api

from vmops import audit, naming, prices
from vmops.errors import Conflict, NotFound, OutsideError, Refused, Unavailable
from vmops.gcp import faults
from vmops.gcp.asking import Asker
from vmops.gcp.body import LABEL
from vmops.gcp.clients import Clients
from vmops.gcp.instances import asked, last, machine
from vmops.gcp.takenback import TakenBack
from vmops.journal import Journal, Unfailing
from vmops.provider import Call, Kind, Machine, Say
from vmops.settings import Settings
from vmops.stockouts import Stockouts

PATIENCE_S = 900.0  # so long an operation is waited for; a boot takes a minute, a delete with a disk two
WAIT_S = 150.0  # the server answers a wait after two minutes at the latest


class Cloud:
    """Google's cloud as one workspace uses it."""

    def __init__(self, settings: Settings, folder: Path, called: Callable[[Call], None]) -> None:
        self.settings = settings
        self.folder = folder
        self.clients = Clients(settings)
        self.journal = Journal(folder / "operations")
        self.stockouts = Stockouts(folder / "stockouts.json")
        self._asker = Asker(called)
        self._unaudited: Say | None = None  # who hears of what cannot be audited; nobody: then it is raised
        self._prices: tuple[int, prices.Prices] | None = None
        self._taken_back = TakenBack(self.listed, self.clients)

    @property
    def project(self) -> str:
        return self.clients.project

    @property
    def prices(self) -> prices.Prices:
        """The price list: read again when somebody has brought another one."""
        file = self.folder / prices.FILE
        changed = file.stat().st_mtime_ns if file.exists() else 0
        if self._prices is None or self._prices[0] != changed:
            self._prices = changed, prices.load(self.folder)
        return self._prices[1]

    def ask(self, what: str, method: Any, *, timeout_s: float = 60.0, **request: Any) -> Any:
        """One question about this project."""
        return self._asker.ask(what, method, {"project": self.project, **request}, timeout_s=timeout_s)

    def listed(self, what: str, method: Any, **request: Any) -> list[Any]:
        """All of a list of this project."""
        return self._asker.listed(what, method, {"project": self.project, **request})

    def kind(self, name: str) -> Kind:
        """A kind by its name; Refused where there is none."""
        if name not in self.settings.kinds:
            known = ", ".join(self.settings.kinds) or "none"
            raise Refused(f"no kind of machine {name!r}", hint=f"kinds in configs/machines.yaml: {known}")
        return self.settings.kinds[name]

    def machines(self) -> list[Machine]:
        """Every machine that bears our label, by name."""
        found = self._instances(f"labels.{LABEL}={naming.label(self.settings.label)}")
        entries, taken = self.journal.everything(), self._taken_back.of(found)
        told = [machine(one, self.settings, entries.get(one.name), taken) for one in found]
        return sorted(told, key=lambda one: (one.name, one.zone))

    def asked(self) -> list[Machine]:
        """Machines whose making has begun and is not over."""
        entries = self.journal.everything().values()
        return [asked(entry, self.settings) for entry in entries if entry.act == "create" and not entry.over]

    def found(self, name: str) -> list[api.Instance]:
        """Whatever is of a name, in all zones and whoever made it."""
        return self._instances(f"name={naming.machine(name)}")

    def the(self, name: str) -> Machine | None:
        """The one machine of a name; None where there is none, Conflict where there are several or it is not ours."""
        found = self.found(name)
        if len(found) > 1:
            zones = ", ".join(sorted(last(one.zone) for one in found))
            raise Conflict(f"there are {len(found)} machines {name}: in {zones}", hint="footplate vm orphans")
        if not found:
            return None
        if found[0].labels.get(LABEL) != self.settings.label:
            label = f"{LABEL}={self.settings.label}"
            raise Conflict(
                f"{name} in {last(found[0].zone)} does not bear the label {label}, so it is somebody else's",
                hint="take another name",
            )
        return self.told(found[0])

    def told(self, instance: api.Instance) -> Machine:
        """A machine as we tell of it."""
        return machine(instance, self.settings, self.journal.read(instance.name), self._taken_back.of([instance]))

    def instance(self, zone: str, name: str) -> api.Instance:
        """One machine in one zone; NotFound where there is none."""
        got: api.Instance = self.ask(
            f"instances.get {zone} {name}", self.clients.instances.get, zone=zone, instance=name
        )
        return got

    def wait(self, zone: str, operation: str, what: str, say: Say) -> None:
        """Until an operation in a zone is over; what went wrong with it is raised."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            told = self.ask(
                f"zoneOperations.wait {zone} {operation}", self.clients.zone_operations.wait,
                zone=zone, operation=operation, timeout_s=WAIT_S,
            )  # fmt: skip
            if told.status == api.Operation.Status.DONE:
                if error := faults.of_operation(told, what):
                    raise error
                return
            say(f"{what}: {told.progress} %")
        raise Unavailable(f"{what}: not over after {PATIENCE_S:.0f} s", hint="it goes on there: footplate vm list")

    def until(self, zone: str, name: str, states: tuple[str, ...], say: Say) -> Machine:
        """A machine, once it is in one of some states; NotFound where it goes away before."""
        end, pause, told = time.monotonic() + PATIENCE_S, 0.2, ""
        while time.monotonic() < end:
            now = self.told(self.instance(zone, name))
            if now.state in states:
                return now
            if now.state != told:
                say(f"{name} is {now.state}")
            told, pause = now.state, min(5.0, pause * 1.5)
            time.sleep(pause)
        raise Unavailable(f"{name} is {told} still", hint="footplate vm serial tells what it writes while it starts")

    def unfailing(self, say: Say) -> Cloud:
        """The same cloud for an act that ends costs: that a disk here is full is said, and keeps nobody from it."""
        other = copy.copy(self)
        other.journal, other._unaudited = Unfailing(self.journal.folder, say), say
        return other

    def note(self, act: str, name: str, **facts: Any) -> None:
        """Into the audit."""
        try:
            audit.append(self.folder, act, name, **facts)
        except OutsideError as error:
            if self._unaudited is None:
                raise
            self._unaudited(f"goes on, though it is not audited: {error.message}")

    def refused(self, name: str, asked: str, error: OutsideError) -> None:
        """Into the audit: what did not come about, and why."""
        self.note("refused", name, asked=asked, why=error.message)

    def _instances(self, which: str) -> list[api.Instance]:
        what = f"instances.aggregatedList {which}"
        pages = self.listed(what, self.clients.instances.aggregated_list, filter=which)
        return [one for _, scoped in pages for one in scoped.instances]


def absent(name: str) -> NotFound:
    """The error for who names a machine that is not there."""
    return NotFound(f"no machine {name!r}", hint="footplate vm list shows what there is")
