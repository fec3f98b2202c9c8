"""The Overview's eye on machines: asked for after the first paint, and only where somebody has ever rented one."""

from __future__ import annotations

from dataclasses import replace

from tui import actions
from tui.actions import Facts
from tui.screens.machines_known import MachinesWatch
from tui.screens.overview_labels import LabelsOverview
from tui.widgets.table import Table

SECTION, TABLE = "#section-rented", "rented"


class MachinesOverview(LabelsOverview, MachinesWatch, inherit_bindings=False):
    """A screen with a part about machines, which is there only where there are any."""

    ONLY_USED = True

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.call_after_refresh(self.watch_machines)

    def on_screen_suspend(self) -> None:
        super().on_screen_suspend()
        self.rest_machines()

    def machines_changed(self) -> None:
        if self.found is not None and (self.found.machines or self.query(SECTION)):
            self.call_later(self._show_machines)

    async def _show_machines(self) -> None:
        from tui.screens.machines_section import MachinesSection

        body = self.query_one("#body")
        if not body.is_attached:  # it is just being taken down
            return
        if not self.query(SECTION):
            await body.mount(MachinesSection(), before="#below")
            if not (isinstance(self.focused, Table) and self.focused.rows.keys):
                self.set_focus(self.query_one(f"#{TABLE}", Table))  # where there is nothing else, they are meant
        if self.found is not None:
            self.query_one(MachinesSection).show(self.found, self.entries(), self.lab.now())

    def _on_machines(self) -> bool:
        return isinstance(self.focused, Table) and self.focused.id == TABLE

    def facts(self) -> Facts:
        facts = super().facts()
        return replace(facts, pane="machines") if self._on_machines() else facts

    def do_open(self) -> None:
        if self._on_machines():
            self.footplate.go(actions.MACHINES)
        else:
            super().do_open()
