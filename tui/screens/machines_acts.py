"""What can be done to machines: each act is named with its money, told while it goes on, and never waited for here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.message import Message

from tui import machinewords
from tui.entries import Entry
from tui.machining import dollars, on
from tui.screens.machines_known import MachinesWatch
from tui.services import machines as looking
from tui.services import renting
from tui.services.machines import Found
from tui.services.renting import Say
from vmops.provider import Machine, Orphan
from vmops.settings import Fixed

ORPHANS = "asking what costs without use"


class MachineActs(MachinesWatch, inherit_bindings=False):
    """A screen on which machines can be acted on."""

    class Said(Message):
        """An act goes on."""

        def __init__(self, name: str, words: str) -> None:
            super().__init__()
            self.name, self.words = name, words

    def __init__(self) -> None:
        super().__init__()
        self.wanted: dict[str, str] = {}  # what was asked for of each machine this very moment
        self.failed: dict[str, list[str]] = {}  # what the last act on each came to, where it went wrong
        self.saying = ""
        self.orphans: tuple[Orphan, ...] | None = None
        self._acts: dict[str, str] = {}  # what is being done, to which machine
        self._ended: set[str] = set()  # machines whose acts are over, and which nobody has looked at since
        self._meant = ""  # the machine that the last question named

    def machine(self, name: str = "") -> Machine | None:
        """A machine by its name; else the one under the cursor."""
        raise NotImplementedError

    def host(self) -> Fixed | None:
        """What is under the cursor, where it is a machine that nobody rents."""
        raise NotImplementedError

    def orphan(self) -> Orphan | None:
        """What is under the cursor of what costs without use."""
        raise NotImplementedError

    # --- acts go on ----------------------------------------------------------------------------------------------

    def act(self, what: str, name: str, wish: str, do: Callable[[Say], str]) -> None:
        """Do something to a machine in the background, and tell how it goes."""
        say = partial(self._say, name)
        self._acts[what], self.saying = name, f"{what}"
        self.failed.pop(name, None)
        if wish:
            self.wanted[name] = wish
        self.work(what, partial(do, say), partial(self._done, what))
        self.machines_changed()

    def _say(self, name: str, words: str) -> None:
        self.post_message(self.Said(name, words))

    def on_machine_acts_said(self, message: Said) -> None:
        self.saying = f"{message.name}: {message.words}"
        self.machines_changed()

    def _done(self, what: str, words: str) -> None:
        self._over(what)
        self.tell(words)
        if self.orphans is not None:
            self.ask_orphans()  # what is deleted may leave some, or be one

    def _over(self, what: str) -> str:
        name = self._acts.pop(what, "")
        self._ended.add(name)
        self.saying = "" if not self._acts else self.saying
        self.look_at_machines()
        self.machines_changed()
        return name

    def _taken(self, found: Found | None) -> None:
        """What was asked for stays in view until the cloud has told how it stands."""
        outdated = self.once_more
        super()._taken(found)
        if found is not None and self._ended and not outdated:
            for name in self._ended:
                self.wanted.pop(name, None)
            self._ended.clear()
            self.machines_changed()

    def tell_error(self, what: str, why: str, what_to_do: str) -> None:
        if what in self._acts:
            advice = [f"  → {what_to_do}"] if what_to_do else []
            name = self._acts[what]
            self.failed[name] = [f"✗ {what} did not work", *(f"  {line}" for line in why.splitlines()), *advice]
            self._over(what)
        super().tell_error(what, why, what_to_do)

    # --- questions -----------------------------------------------------------------------------------------------

    def question(self, name: str) -> str:
        machine, orphan = self.machine(), self.orphan()
        if name == "delete_orphan" and orphan is not None:
            self._meant = f"{orphan.what} {orphan.place} {orphan.name}"
            return f"Delete the {orphan.what} {orphan.name} in {orphan.place} for good?\n\n  {orphan.why}\n" \
                   f"  it costs {dollars(orphan.monthly_usd)} a month"  # fmt: skip
        if machine is None or name not in ("start_machine", "stop_machine", "delete_machine"):
            return super().question(name)
        self._meant = machine.name
        return "\n".join(["", *self._asked(name, machine)]).strip()

    def _asked(self, name: str, machine: Machine) -> list[str]:
        assert self.found is not None
        hourly = dollars(self.found.running_usd.get(machine.name), 3)
        named = f"{machine.name} ({machine.kind}, {machine.zone})"
        if name == "start_machine":
            spot = ["  it is spot: the cloud may take it back at any time"] * machine.spot
            return [f"Start {named}?", "", f"  it costs {hourly} an hour while it runs", *spot, *self.money()]
        runs = [f"  ! {entry.name} runs on it" for entry in self.runs_on(machine.name)]
        if name == "stop_machine":
            disk = f"  its disk of {machine.disk_gb} GB stays, and costs until it is deleted"
            return [f"Stop {named}?", "", *runs, disk]
        return [f"Delete {named} and its disk for good?", "", *runs, "  what is not fetched from it is lost"]

    def money(self) -> list[str]:
        found = self.found
        if found is None:
            return []
        lines = [f"  {machinewords.money(found)[-1]} is spent"]
        return [
            *lines,
            *[f"  ! {found.warning}"] * bool(found.warning),
            *["  simulated: nothing is billed"] * found.simulated,
        ]

    def runs_on(self, name: str) -> list[Entry]:
        """The runs that move on a machine."""
        return on(name, self.entries())

    def to_type(self, name: str) -> str:
        if name == "delete_orphan":
            return self._meant.rpartition(" ")[2]
        return self._meant if name == "delete_machine" else super().to_type(name)

    # --- the acts ------------------------------------------------------------------------------------------------

    def do_start_machine(self) -> None:
        name = self._meant
        self.act(f"starting {name}", name, "running", partial(renting.start, self.lab.gate, name))

    def do_stop_machine(self) -> None:
        name = self._meant
        self.act(f"stopping {name}", name, "stopped", partial(renting.stop, self.lab.gate, name))

    def do_delete_machine(self) -> None:
        name = self._meant
        self.act(f"deleting {name}", name, "deleted", partial(renting.delete, self.lab.gate, name))

    def do_adopt(self) -> None:
        self.act("waiting for what was asked", "", "", partial(renting.adopt, self.lab.gate))

    def do_delete_orphan(self) -> None:
        meant = next((one for one in self.orphans or () if f"{one.what} {one.place} {one.name}" == self._meant), None)
        if meant is not None:
            delete = partial(renting.delete_orphan, self.lab.gate, meant)
            self.act(f"deleting the {meant.what} {meant.name}", meant.name, "", delete)

    # --- looks ---------------------------------------------------------------------------------------------------

    def ask_orphans(self) -> None:
        """Ask what costs without use."""
        if not self.at_work(ORPHANS):
            self.work(ORPHANS, partial(looking.orphans, self.lab.gate), self._take_orphans)

    def _take_orphans(self, found: tuple[Orphan, ...]) -> None:
        self.orphans = found
        self.machines_changed()
