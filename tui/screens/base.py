"""What all screens are: framed, with the actions that go somewhere or open what stands over every screen."""

from __future__ import annotations

from functools import partial

from tui import actions
from tui.screens.framed import FramedScreen


class FootplateScreen(FramedScreen, inherit_bindings=False):
    """A place. Its keys come from the table of actions; `do_<id>` is what an action does here."""

    def do_overview(self) -> None:
        self.footplate.go(actions.OVERVIEW)

    def do_runs(self) -> None:
        self.footplate.go(actions.RUNS)

    def do_run(self) -> None:
        self.footplate.go(actions.RUN)

    def do_annotate(self) -> None:
        self.footplate.go(actions.ANNOTATE)

    def do_compare(self) -> None:
        self.footplate.go(actions.COMPARE)

    def do_agreement(self) -> None:
        self.footplate.go(actions.AGREEMENT)

    def do_rounds(self) -> None:
        self.footplate.go(actions.ROUNDS)

    def do_machines(self) -> None:
        self.footplate.go(actions.MACHINES)

    def do_bucket(self) -> None:
        self.footplate.go(actions.BUCKET)

    def do_launch(self) -> None:
        self.footplate.go(actions.LAUNCH)

    def do_back(self) -> None:
        if not self.footplate.back():
            self.notify(self.lab.worded("this is the first screen; {leave} leaves"), markup=False)

    def do_leave(self) -> None:
        if not self.footplate.back():
            self.app.exit()

    def do_quit(self) -> None:
        self.app.exit()

    def do_theme(self) -> None:
        self.tell(self.footplate.other_theme())

    def do_sync_labels(self) -> None:
        from tui.services import syncing

        self.work("syncing the labels", partial(syncing.sync, self.lab.gate), self._synced)

    def _synced(self, told: tuple[str, str]) -> None:
        done, why = told
        if done:
            self.tell(done)
        if why:
            self.notify(why, title="labels and bucket", severity="warning", timeout=12, markup=False)

    def do_events(self) -> None:
        from tui.screens.events import Events

        tellings = self.footplate.tellings

        def looked(run_id: str | None) -> None:
            tellings.look(self.lab.now())
            self.show_frame()
            if run_id:
                self.footplate.open_run(run_id)

        self.app.push_screen(Events(tellings.newest_first, tellings.looked_at, self.lab.now()), looked)

    def do_palette(self) -> None:
        from tui.screens.palette import Palette

        chosen = Palette(self.NAME, self.facts(), self.lab.keys, self.lab.sources.place)
        self.app.push_screen(chosen, lambda asked: self._command(asked) if asked else None)

    def _command(self, asked: str) -> None:
        name, _, words = asked.partition(" ")
        self.action_act(name)
        if words:
            self.app.call_after_refresh(self._give, name, words)

    def _give(self, name: str, words: str) -> None:
        place = self.footplate.place
        if place is not None and not place.given(name, words):
            self.notify(f"{name} takes no words, such as {words!r}", severity="warning", markup=False)

    def given(self, name: str, words: str) -> bool:
        """Take the words that were typed behind a command; False where it takes none here."""
        if name != "run":
            return False
        found = next((entry.id for entry in self.lab.entries or () if words in entry.id), "")
        if found:
            self.footplate.open_run(found)
        else:
            self.notify(f"no run has {words!r} in its id", severity="warning", markup=False)
        return True

    def do_command_log(self) -> None:
        from tui.screens.calls import Calls

        self.app.push_screen(
            Calls(self.lab.gate.calls, [undo.what for undo in self.lab.undos], self.lab.worded("{undo}"))
        )

    def do_help(self) -> None:
        from tui.screens.help import Help

        self.app.push_screen(Help(self.NAME, self.facts(), self.lab.keys, self.lab.sources.place))
