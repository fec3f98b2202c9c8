"""Machines: what is rented, what it does and what it costs; made, started, stopped and deleted from here."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual import on

from tui import actions
from tui.actions import Facts
from tui.screens.machines_new import NewMachine
from tui.screens.machines_panes import SERIAL
from tui.screens.machines_shell import ShellActs
from tui.screens.machines_shown import ShownMachines
from tui.services import machines as services
from tui.widgets.moves import Moves
from tui.widgets.table import Table


class MachinesScreen(ShownMachines, NewMachine, ShellActs, inherit_bindings=False):
    """Every machine that bears our label, and those to which there is only ssh."""

    NAME = actions.MACHINES
    BINDINGS = actions.bindings(actions.MACHINES)

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

    @on(Table.Moved)
    def _moved(self, message: Table.Moved) -> None:
        if message.table is self.table:
            self.panes.current = self.panes.tab
            self.ask_guard()
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
        return {**super().kept(), "row": self.wanted_row or self.table.rows.key}

    def restore(self, kept: dict[str, Any]) -> None:
        super().restore(kept)
        self.wanted_row = kept["row"] if isinstance(kept.get("row"), str) else ""
