"""A shell on a machine: the terminal is handed to ssh, and taken back when that ends."""

from __future__ import annotations

from functools import partial

from textual.app import SuspendNotSupported

from tui.screens.machines_acts import MachineActs
from tui.services import renting
from tui.services.renting import Way

WAY = "looking for the way to the machine"


class ShellActs(MachineActs, inherit_bindings=False):
    """A screen from which one goes to a machine and comes back."""

    def do_shell(self) -> None:
        machine, host = self.machine(), self.host()
        meant = machine or host
        if meant is not None:
            self.work(WAY, partial(renting.way, self.lab.gate, meant), self._found_way)

    def _found_way(self, way: Way) -> None:
        from tui.screens.confirm import Confirm

        if not way.key:
            self._hand_over(way)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(WAY, partial(renting.trust, self.lab.gate, way), self._hand_over)

        lines = [f"Nobody here has been on {way.name} before. It shows the key", "", f"  {way.fingerprint}", "",
                 "Is that the machine? Its serial log shows the key's fingerprint as well."]  # fmt: skip
        self.app.push_screen(Confirm("\n".join(lines)), answered)

    def _hand_over(self, way: Way) -> None:
        """Give the terminal to ssh, and take it back when that ends."""
        try:
            with self.app.suspend():
                said = renting.shell(self.lab.gate, way)
        except SuspendNotSupported:
            self.notify("there is no terminal here that could be handed to a shell", severity="warning", markup=False)
            return
        self.tell(f"{said}; you are back on {self.NAME}")
        self.look_at_machines()
