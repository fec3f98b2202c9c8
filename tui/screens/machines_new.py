"""A new machine: planned in a dialog, asked for by a question that names the money."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tui import machinewords
from tui.screens.machines_acts import MachineActs
from tui.services import renting
from tui.services.renting import Planned


class NewMachine(MachineActs, inherit_bindings=False):
    """A screen on which machines can be planned and rented."""

    def do_create_machine(self) -> None:
        from tui.screens.creating import Creating

        found = self.found
        if found is None:
            return
        coming = [words.rpartition(" ")[2] for words in found.pending]
        there = [*(one.name for one in found.machines), *(one.name for one in found.hosts)]
        taken = [*there, *self.wanted, *coming]
        self.app.push_screen(Creating(found.kinds, taken, self._plan), self._planned)

    def _plan(self, kind: str, name: str, take: Callable[[Planned], None]) -> None:
        self.work("planning a machine", partial(renting.plan, self.lab.gate, kind, name), take)

    def _planned(self, planned: Planned | None) -> None:
        from tui.screens.confirm import Confirm

        if planned is None or planned.plan is None:
            return
        plan = planned.plan
        where = plan.zones[0].zone if plan.zones else "?"
        choice = "spot" if plan.kind.spot else "standard"
        lines = [f"Create {planned.name}, a {planned.kind} ({choice}), in {where} or the next zone that has one?", "",
                 f"  {machinewords.price(plan)}", *(f"  {limit}" for limit in plan.limits), *self.money()]  # fmt: skip
        create = partial(renting.create, self.lab.gate, planned.kind, planned.name)

        def answered(yes: bool | None) -> None:
            if yes:
                self.act(f"creating {planned.name}", planned.name, "running", create)

        self.app.push_screen(Confirm("\n".join(lines)), answered)
