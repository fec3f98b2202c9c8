"""The app: its screens, its themes, and the catalog of runs that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePath
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.screen import Screen

from engine.workspace import Workspace
from tui import actions, keymap
from tui.driver import Driver
from tui.following import FollowingApp
from tui.format import told_shortly
from tui.lab import Lab
from tui.messages import RunsChanged, ServiceFailed, ServiceRecovered
from tui.options import Options
from tui.screens.base import FootplateScreen
from tui.services.gate import Gate
from tui.services.sources import Live, Sources
from tui.services.watch import Watch

STYLES = Path(__file__).with_name("screens.tcss")


def _overview() -> Screen[Any]:
    from tui.screens.overview import OverviewScreen

    return OverviewScreen()


def _runs() -> Screen[Any]:
    from tui.screens.runs import RunsScreen

    return RunsScreen()


def _run() -> Screen[Any]:
    from tui.screens.run import RunScreen

    return RunScreen()


def _compare() -> Screen[Any]:
    from tui.screens.compare import CompareScreen

    return CompareScreen()


def _agreement() -> Screen[Any]:
    from tui.screens.agreement import AgreementScreen

    return AgreementScreen()


def _annotate() -> Screen[Any]:
    from tui.screens.annotate import AnnotateScreen

    return AnnotateScreen()


def _launch() -> Screen[Any]:
    from tui.screens.launch import LaunchScreen

    return LaunchScreen()


def _rounds() -> Screen[Any]:
    from tui.screens.rounds import RoundsScreen

    return RoundsScreen()


def _machines() -> Screen[Any]:
    from tui.screens.machines import MachinesScreen

    return MachinesScreen()


def _bucket() -> Screen[Any]:
    from tui.screens.bucket import BucketScreen

    return BucketScreen()


class FootplateApp(FollowingApp, inherit_bindings=False):
    """Footplate's screens over one workspace."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "interrupt", show=False)]

    TITLE = "Footplate"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss"]
    ENABLE_COMMAND_PALETTE = False  # ours is made from the table of actions
    # Each place is a mode with a stack of its own; its code is loaded when one goes there for the first time.
    DEFAULT_MODE = actions.OVERVIEW
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        actions.RUNS: _runs,
        actions.RUN: _run,
        actions.LAUNCH: _launch,
        actions.COMPARE: _compare,
        actions.ANNOTATE: _annotate,
        actions.AGREEMENT: _agreement,
        actions.ROUNDS: _rounds,
        actions.MACHINES: _machines,
        actions.BUCKET: _bucket,
    }

    def __init__(
        self,
        workspace_root: Path,
        open_run: str | None = None,
        options: Options | None = None,
        sources: Sources | None = None,
    ) -> None:
        options, workspace = options or Options(), Workspace(workspace_root)
        sources = sources or Live(workspace)
        read_only = "Footplate was opened with --read-only" if options.read_only else ""
        gate = Gate(workspace, sources.closed or read_only)
        super().__init__(Lab(workspace, gate, sources, options, opened=open_run or ""))
        self._trail: list[str] = []
        self._later: list[tuple[str, dict[str, Any]]] = []
        self._catalog = sources.catalog(self.post_message)
        what_to_do = "the list is as it was; it is tried again"
        self._watch = Watch("reading the runs", self._catalog.step, self.post_message, what_to_do=what_to_do)

    def get_driver_class(self) -> type[Driver]:
        return Driver

    def get_default_screen(self) -> Screen[Any]:
        return _overview()

    def on_mount(self) -> None:
        # The first place is no mode before it stands: Textual would parse all styles twice for one.
        self.add_mode(actions.OVERVIEW, _overview)
        self.take_own_keys()
        self.call_after_refresh(self.take_styles)
        self.call_after_refresh(self._watch.start)
        self.call_after_refresh(self.begin_remembering)
        self._go_where_it_was_left()

    def take_styles(self) -> None:
        """The styles of other screens and of dialogs: reading them before the first paint would be felt."""
        if not self.stylesheet.has_source(str(STYLES), ""):
            self.stylesheet.read(STYLES)

    def _go_where_it_was_left(self) -> None:
        """To the run that was named, else to the screen and the run of the last time."""
        place = actions.RUN if self.lab.opened else self.before.place
        self.lab.opened = self.lab.opened or self.before.opened
        if place in self.MODES:
            self.go(place)

    def on_unmount(self) -> None:
        self._watch.close()
        self.end_telling()
        self.lab.gate.end()

    def take_own_keys(self) -> None:
        """The keys that somebody has moved; before the first key that was typed ahead is looked at."""
        mine = keymap.load(keymap.path())
        self.lab.keymap = mine.keys
        if mine.keys:
            self.set_keymap(keymap.for_textual(mine.keys))
        if mine.faults:
            words = told_shortly(mine.faults, "footplate keys")
            tell = partial(self.notify, words, title="keys.yaml", severity="warning", timeout=12, markup=False)
            self.call_after_refresh(tell)

    def notify(self, message: str, *, title: str = "", **how: Any) -> None:
        """Say something, unless it stands there already; who labels frames is told when that is over."""
        if self.place is not None and self.place.blind:
            self._later.append((message, {"title": title, **how}))
            return
        if not any((known.message, known.title) == (message, title) for known in self._notifications):
            super().notify(message, title=title, **how)

    def ring(self, words: str, by_notice: bool) -> None:
        """Ring; a notice of the desktop may name videos, and is for nobody who labels them."""
        if not (self.place is not None and self.place.blind):
            super().ring(words, by_notice)

    def _tell_later(self) -> None:
        """What was held back while somebody labelled."""
        if not (self.place is not None and self.place.blind):
            later, self._later = self._later, []
            for message, how in later:
                self.notify(message, **how)

    def _handle_exception(self, error: Exception) -> None:
        """While the app leaves, its screens are taken down, and what still arrives may not find their parts."""
        if not (self._exit and isinstance(error, NoMatches)):
            super()._handle_exception(error)

    def leaves(self, key: str) -> bool:
        place = self.place
        return key in self.lab.keys(actions.BY_ID["quit"]) and not (place is not None and place.keeps_turns())

    def action_interrupt(self) -> None:
        """Hands that press it want out."""
        self.notify(self.lab.worded("{quit} leaves; runs go on"), markup=False)

    # --- going ---------------------------------------------------------------------------------------------------

    @property
    def place(self) -> FootplateScreen | None:
        """The screen that one is on, below whatever asks something."""
        places = [screen for screen in self.screen_stack if isinstance(screen, FootplateScreen)]
        return places[-1] if places else None

    def go(self, name: str) -> None:
        """To another screen, and remember where we were."""
        here = self.place
        if here is not None and name != here.NAME:
            self._trail = [*self._trail[-20:], here.NAME]
            self.take_styles()
            self.switch_mode(name)
            self.call_after_refresh(self._tell_later)

    def back(self) -> bool:
        """To where we came from; False on the first screen."""
        if not self._trail:
            return False
        self.switch_mode(self._trail.pop())
        self.call_after_refresh(self._tell_later)
        return True

    def open_run(self, run_id: str) -> None:
        """Show one run."""
        self.lab.opened = run_id
        self.go(actions.RUN)

    # --- the catalog ---------------------------------------------------------------------------------------------

    def look_again(self) -> None:
        """Something was just changed: read the runs now."""
        self._catalog.look_again()
        self._watch.nudge()

    async def on_runs_changed(self, message: RunsChanged) -> None:
        self.lab.take(message.entries)
        self.follow_again(message)
        for place in self._places():
            place.runs_changed()
            place.show_frame()
        await self.take_keys()

    def on_service_failed(self, message: ServiceFailed) -> None:
        self.lab.trouble = f"✗ {message.what}"
        words = f"{message.why}\n→ {message.what_to_do}"
        self.notify(words, title=f"{message.what} does not work", severity="error", timeout=12, markup=False)
        self._show_frames()

    def on_service_recovered(self, message: ServiceRecovered) -> None:
        self.lab.trouble = ""
        self.notify(f"{message.what} works again", markup=False)
        self._show_frames()

    def tellings_changed(self) -> None:
        self._show_frames()

    def _show_frames(self) -> None:
        for place in self._places():
            place.show_frame()

    def _places(self) -> Iterator[FootplateScreen]:
        """The screens that are in view and stand; others learn what is new when they come back.

        One from which its widgets have been taken while the app leaves stands no more.
        """
        places = (screen for screen in self.screen_stack if isinstance(screen, FootplateScreen))
        yield from (place for place in places if place.has_frame)
