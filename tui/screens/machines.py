"""Machines: what is rented, what it does and what it costs; made, started, stopped and deleted from here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult

from tui import actions, machinewords, machining
from tui.actions import Facts
from tui.screens.machines_acts import MachineActs
from tui.screens.machines_panes import READING, SERIAL, MachinesPanes
from tui.screens.tabbed import Tabbed
from tui.services import machines as services
from tui.services.renting import Say
from tui.widgets.bars import Bar
from tui.widgets.moves import Moves
from tui.widgets.table import Table
from tui.widgets.tones import Cell
from tui.widgets.words import Words
from vmops.provider import Machine, Orphan
from vmops.settings import Fixed

NOTHING = "no machine: {create_machine} plans one"


class MachinesScreen(Tabbed, MachineActs, inherit_bindings=False):
    """Every machine that bears our label, and those to which there is only ssh."""

    NAME = actions.MACHINES
    BINDINGS = actions.bindings(actions.MACHINES)

    def __init__(self) -> None:
        super().__init__()
        self._wanted_row = ""  # the row on which the cursor was the last time

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

    # --- what is known -------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.table.focus()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.watch_machines()

    def on_screen_suspend(self) -> None:
        self.rest_machines()

    def runs_changed(self) -> None:
        self.show()

    def machines_changed(self) -> None:
        self.show()
        self.show_frame()

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
            self._wanted_row = name  # where it is asked for, to see it come
        super().act(what, name, wish, do)

    # --- what is shown -------------------------------------------------------------------------------------------

    def show(self) -> None:
        found, now = self.found, self.lab.now()
        if found is None:
            return
        rows = machining.rows(found, self.entries(), self.wanted, now)
        none = "" if found.trouble else self.lab.worded(NOTHING)
        self.table.show(list(rows), rows.__getitem__, empty=none)
        if self._wanted_row and self.table.go_to(self._wanted_row):
            self._wanted_row = ""
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
            none = "nothing costs without use" if self.orphans is not None else ""
            self.panes.fill(name, machining.orphans_of(self.orphans or ()), none)
        elif name == "costs":
            self.panes.say(name, machinewords.costs(self.found))

    def _detail(self) -> list[str]:
        machine, host, now = self.machine(), self.host(), self.lab.now()
        failed = [line for lines in self.failed.values() for line in lines] if machine is None else \
            self.failed.get(machine.name, [])  # fmt: skip
        assert self.found is not None
        if machine is not None:
            bill = self.found.bills.get(machine.name, services.Bill())
            return [*failed, *map(self.lab.worded, machinewords.detail(machine, bill, now))]
        return [*failed, *(machinewords.about_host(host) if host is not None else [])]

    @on(Table.Moved)
    def _moved(self, message: Table.Moved) -> None:
        if message.table is self.table:
            self.panes.current = self.panes.tab
            self.show()
        self.show_frame()

    @on(Table.Opened)
    def _opened(self) -> None:
        self.action_act("open")

    # --- panes ---------------------------------------------------------------------------------------------------

    @property
    def _inside(self) -> bool:
        return self.focused is not None and self.focused is not self.table

    def show_pane(self, name: str) -> None:
        """Bring a pane into view; the focus stays on the machines unless it is below already."""
        self.panes.current = name
        if self._inside or name == SERIAL:
            self.set_focus(self.panes.in_view)
        if name == "orphans" and self.orphans is None and not (self.found is not None and self.found.rests):
            self.ask_orphans()
        self.show()

    def step_back(self) -> bool:
        """Out of the serial log, and from the pane to the machines."""
        inner = super().step_back()
        if self._inside:
            self.table.focus()
            return True
        return inner

    def mover(self) -> Moves | None:
        return super().mover() or self.table

    # --- acting --------------------------------------------------------------------------------------------------

    def facts(self) -> Facts:
        machine, orphan, found = self.machine(), self.orphan(), self.found
        state = machine.state if machine is not None else "host" if self.host() is not None else ""
        cloud = "the machines are being asked for" if found is None else found.trouble if found.rests else ""
        return Facts(pane="machines", read_only=self.lab.gate.closed, cloud=cloud, machine=state,
                     orphan=orphan.what if orphan is not None else "")  # fmt: skip

    def do_open(self) -> None:
        if not self._inside:
            self.set_focus(self.panes.in_view)
        elif self.panes.name_in_view == "runs" and (run_id := self.panes.key("runs")):
            self.footplate.open_run(run_id)

    def do_describe_machine(self) -> None:
        self.show_pane("detail")

    def do_serial(self) -> None:
        machine = self.machine()
        if machine is not None and not self.at_work(SERIAL):
            self.work(SERIAL, partial(services.serial, self.lab.gate, machine.name), self._show_serial)

    def _show_serial(self, text: str) -> None:
        self.panes.say(SERIAL, text.splitlines(), "it has written nothing yet")
        self.show_pane(SERIAL)

    def do_refresh(self) -> None:
        self.look_at_machines()
        if self.panes.name_in_view == "orphans":
            self.ask_orphans()

    def kept(self) -> dict[str, Any]:
        return {**super().kept(), "row": self._wanted_row or self.table.rows.key}

    def restore(self, kept: dict[str, Any]) -> None:
        super().restore(kept)
        self._wanted_row = kept["row"] if isinstance(kept.get("row"), str) else ""
