"""What the watchdog of the machine under the cursor sees: asked for now and then, while the machine runs."""

from __future__ import annotations

import time
from functools import partial

from tui.screens.machines_acts import MachineActs
from tui.services import machines as services
from tui.services.machines import Found
from vmops.provider import Machine
from vmops.watched import Watched

AGAIN_S = 15.0
ASKING = "asking what the watchdog sees"


class MachineGuards(MachineActs, inherit_bindings=False):
    """A screen on machines that tells what their watchdogs see."""

    def __init__(self) -> None:
        super().__init__()
        self.guards: dict[str, Watched | None] = {}  # by the machine's name; missing where nobody knows yet
        self._asked_guards: dict[str, float] = {}

    def ask_guard(self) -> None:
        """Ask about the machine under the cursor, where that was not done a moment ago."""
        machine = self.machine()
        if machine is None or not guarded(machine) or self.at_work(ASKING):
            return
        name, now = machine.name, time.monotonic()
        if now - self._asked_guards.get(name, -AGAIN_S) >= AGAIN_S:
            self._asked_guards[name] = now
            self.work(ASKING, partial(services.watchdog, self.lab.gate, name), partial(self._heard_guard, name))

    def _heard_guard(self, name: str, seen: list[Watched | None]) -> None:
        if seen:
            self.guards[name] = seen[0]
            self.machines_changed()

    def _taken(self, found: Found | None) -> None:
        super()._taken(found)
        self.ask_guard()


def guarded(machine: Machine) -> bool:
    """Whether a watchdog may be at work there."""
    return machine.state in ("running", "stopping")
