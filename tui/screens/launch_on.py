"""Launch's other half: where the run goes, what that costs, and how it starts there."""

from __future__ import annotations

from functools import partial

from tui import actions, onwhere
from tui.onwhere import Where
from tui.screens.base import FootplateScreen
from tui.services import launching
from tui.services import machines as services
from tui.services.launching import Preset
from tui.services.machines import Found


class LaunchOn(FootplateScreen, inherit_bindings=False):
    """A screen that starts runs, here or on a machine."""

    def __init__(self) -> None:
        super().__init__()
        self.where = Where()

    def show_title(self) -> None:
        """Say what is started, and where."""
        raise NotImplementedError

    def place_changed(self) -> None:
        """The run goes elsewhere now."""
        raise NotImplementedError

    def chosen(self) -> tuple[Preset, str] | None:
        """The preset and the text of its form."""
        raise NotImplementedError

    # --- where ---------------------------------------------------------------------------------------------------

    def do_run_on(self) -> None:
        self.work("asking for the machines", partial(services.look, self.lab.gate), self._choose_where)

    def _choose_where(self, found: Found | None) -> None:
        from tui.screens.running_on import RunningOn

        def taken(where: Where | None) -> None:
            if where is not None:
                self.where = where
                self.place_changed()

        if found is not None:
            self.app.push_screen(RunningOn(found, self.where), taken)

    # --- the start -----------------------------------------------------------------------------------------------

    def _ask(self, action: actions.Action) -> None:
        """What goes to a machine costs, and only y confirms it."""
        if action.id != "start" or self.where.wish is None:
            super()._ask(action)
            return
        from tui.screens.confirm import Confirm

        preset = self.chosen()
        named = f"{preset[0].job} ({preset[0].name})" if preset else "it"
        asked = Confirm(onwhere.question(self.where, named), "costly")
        self.app.push_screen(asked, lambda yes: self._do("start") if yes else None)

    def do_start(self) -> None:
        preset, where = self.chosen(), self.where
        if preset is None:
            return
        self.tell(f"starting {preset[0].name} {where.words}" if where.wish else f"starting {preset[0].name}")
        start = partial(launching.start, self.lab.gate, preset[0].job, preset[1], preset[0].source, where.wish)
        self.work("starting the run", start, self._started)

    def _started(self, run_id: str) -> None:
        if self.where.kind:
            self.where = Where()  # another run does not ask for one more unsaid
            self.place_changed()
        self.footplate.look_again()
        self.footplate.open_run(run_id)
