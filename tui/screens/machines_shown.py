"""What the Machines screen shows: all of them in a table, and panes below about the one under the cursor."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult

from tui import machinewords, machining
from tui.screens.machines_guard import MachineGuards, guarded
from tui.screens.machines_panes import READING, MachinesPanes
from tui.screens.tabbed import Tabbed
from tui.services.machines import Bill
from tui.services.renting import Say
from tui.widgets.bars import Bar
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words
from vmops import watched
from vmops.provider import Machine, Orphan
from vmops.settings import Fixed

FORGOTTEN = "nothing is forgotten: every disk and address belongs to a machine"
NOTHING = "no machine: {create_machine} plans one"


class ShownMachines(Tabbed, MachineGuards, inherit_bindings=False):
    """A screen on machines, of which one is under the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted_row = ""  # the row on which the cursor was the last time

    def body(self) -> ComposeResult:
        yield Words(id="machines-head")
        yield Table(machining.COLUMNS, empty=READING, id="machines")
        yield Bar(id="tabs")
        yield MachinesPanes()
        yield Words(id="machines-said")

    @property
    def panes(self) -> MachinesPanes:
        return self.query_one(MachinesPanes)

    @property
    def table(self) -> Table:
        return self.query_one("#machines", Table)

    def machine(self, name: str = "") -> Machine | None:
        wanted = name or self.table.rows.key
        return next((one for one in self.found.machines if one.name == wanted), None) if self.found else None

    def host(self) -> Fixed | None:
        return next((one for one in self.found.hosts if one.name == self.table.rows.key), None) if self.found else None

    def orphan(self) -> Orphan | None:
        key = self.panes.key("orphans")
        found = (one for one in self.orphans or () if f"{one.what} {one.place} {one.name}" == key)
        return next(found, None) if self.panes.name_in_view == "orphans" else None

    def act(self, what: str, name: str, wish: str, do: Callable[[Say], str]) -> None:
        if self.machine(name) is None and wish:
            self.wanted_row = name  # where it is asked for, to see it come
        super().act(what, name, wish, do)

    # --- what is shown -------------------------------------------------------------------------------------------

    def show(self) -> None:
        found, now = self.found, self.lab.now()
        if found is None:
            return
        rows = machining.rows(found, self.entries(), self.wanted, now)
        none = "" if found.trouble else self.lab.worded(NOTHING)
        self.table.show(list(rows), rows.__getitem__, empty=none)
        if self.wanted_row and self.table.go_to(self.wanted_row):
            self.wanted_row = ""
        self._show_head()
        self._show_pane()
        self.show_tabs(Cell(f"{self.table.rows.key} ", "dim"))
        said = self.query_one("#machines-said", Words)
        said.show(self.saying)
        said.display = bool(self.saying)

    def _show_head(self) -> None:
        lines = machinewords.head(self.found, self.size.width) if self.found else [READING]
        head = self.query_one("#machines-head", Words)
        head.show("\n".join(self.lab.worded(line) for line in lines))
        head.set_class(lines[0].startswith("✗"), "-bad")

    def _show_pane(self) -> None:
        """Bring the pane in view up to date; the others are when they come into view."""
        name, key = self.panes.name_in_view, self.table.rows.key
        if self.found is None:
            return
        if name == "detail":
            self.panes.say(name, self._detail(), self.lab.worded(NOTHING))
        elif name == "runs":
            self.panes.fill(name, machining.runs_of(machining.on(key, self.entries())))
        elif name == "acts":
            self.panes.fill(name, machining.acts_of(self.found.acts))
        elif name == "orphans":
            none = FORGOTTEN if self.orphans is not None else ""
            self.panes.fill(name, machining.orphans_of(self.orphans or ()), none)
        elif name == "costs":
            self.panes.say(name, machinewords.costs(self.found))

    def _detail(self) -> list[str]:
        machine, host, now = self.machine(), self.host(), self.lab.now()
        failed = [line for lines in self.failed.values() for line in lines] if machine is None else \
            self.failed.get(machine.name, [])  # fmt: skip
        assert self.found is not None
        if machine is not None:
            bill = self.found.bills.get(machine.name, Bill())
            told = machinewords.detail(machine, bill, now, self._guard(machine))
            return [*failed, *map(self.lab.worded, told)]
        return [*failed, *(machinewords.about_host(host) if host is not None else [])]

    def _guard(self, machine: Machine) -> list[str]:
        """What its watchdog sees, in words; nothing where nobody has asked yet."""
        known = guarded(machine) and machine.name in self.guards
        return watched.lines(self.guards[machine.name], self.lab.now()) if known else []
