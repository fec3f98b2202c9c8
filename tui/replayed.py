"""The app over a recording: the same screens, a clock that keys move, and somebody's way to be led along."""

from __future__ import annotations

from typing import Any

from textual import events

from tui import actions, where
from tui.app import FootplateApp
from tui.options import Options
from tui.screens.dialog import Dialog
from tui.screens.seek import Seek
from tui.services.recording.clock import Clock
from tui.services.recording.codec import made
from tui.services.recording.reader import read
from tui.services.recording.replay import Replay
from tui.tellings import Tellings

TICK_S = 0.1
JUMP_S = 10.0
TRIES = 15  # ticks after which a view that cannot be had, on another size say, is left as it is
ALONE = "you look around by yourself now"


def opened(options: Options, *, at: float = 0.0, playing: bool = True) -> ReplayApp:
    """The app over the recording that the options name.

    Raises:
        FootplateError: it cannot be read, or is none.
    """
    recording = read(options.replay)
    return ReplayApp(Replay(recording, Clock(recording.length_s, at, playing=playing)), options)


class ReplayApp(FootplateApp):
    """Footplate's screens over a recording."""

    BINDINGS = actions.bindings(actions.REPLAY)

    def __init__(self, replay: Replay, options: Options) -> None:
        super().__init__(replay.root, None, options, replay)
        self.replay, self.clock = replay, replay.clock
        self.alone = False
        self._wanted: Any = None
        self._way: Any = None
        self._tellings_told = 0
        self._tries = 0
        self._title = ""

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.tick)
        for words in self.replay.recording.troubles:
            self.notify(words, title="the recording", severity="warning", timeout=12, markup=False)

    def on_unmount(self) -> None:
        self.replay.close()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.MouseDown) and not event.is_forwarded and not self.alone:
            self._maybe_alone(event)
        await super().on_event(event)

    def _maybe_alone(self, event: events.Key | events.MouseDown) -> None:
        """Whoever presses a key of the screens wants to look around, and is not led any more."""
        mine = isinstance(event, events.Key) and event.key in self._bindings.key_to_bindings
        if self._leads and not mine and not isinstance(self.screen, Dialog):
            self.alone = True
            self.notify("= leads you again to where the person was", title=ALONE, markup=False)

    @property
    def _leads(self) -> bool:
        return self.replay.recording.where.count(float("inf")) > 0

    # --- the time ------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Show how late it is, and go where the person was then."""
        if not self._screen_stack:
            return  # the app leaves, and this came just then
        try:
            self._show_tellings()
            self._lead()
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            self.alone = True  # a file of another version, or a damaged one, must not end the replay
            words = f"{type(error).__name__}: {error}\n→ look around by yourself; the runs are as they were"
            self.notify(words, title="where the person was cannot be shown", severity="warning", markup=False)
        self._show_time()

    def _show_time(self) -> None:
        title, place = self.replay.title(), self.place
        if title != self._title and place is not None and place.has_frame:
            self._title = title
            place.show_frame()

    def _lead(self) -> None:
        told = self.replay.recording.where
        wanted = told.last(self.clock.position) or next(iter(told.items), None)
        if wanted is not self._wanted:
            self._wanted, self._tries = wanted, 0
            self._way = made(wanted)
            self._tries = TRIES if wanted else 0
        if wanted and self._tries and not self.alone and not isinstance(self.screen, Seek):
            self._tries = 0 if where.go(self, self._way) else self._tries - 1

    def _show_tellings(self) -> None:
        """What had happened by now stands in the list of events; nothing rings a second time."""
        told = self.replay.recording.tellings
        count = told.count(self.clock.position)
        if count != self._tellings_told:
            self._tellings_told = count
            self.tellings = Tellings(self.replay.recording.began_at)
            self.tellings.take(telling for line in told.items[:count] for telling in made(line))
            self.tellings_changed()

    @property
    def arrived(self) -> bool:
        """Whether all that happened by now is told, and one is where the person was."""
        return self.replay.told and (self.alone or not self._tries)

    def action_act(self, name: str) -> None:
        """Do what a key of the replay stands for."""
        getattr(self, f"do_{name}")()
        self.tick()

    def do_replay_pause(self) -> None:
        if self.clock.playing:
            self.clock.pause()
        else:
            self.clock.play()

    def do_replay_back(self) -> None:
        self.clock.seek(self.clock.position - JUMP_S)

    def do_replay_forth(self) -> None:
        self.clock.seek(self.clock.position + JUMP_S)

    def do_replay_step_back(self) -> None:
        self.clock.pause()
        self.clock.seek(self.replay.recording.moments.before(self.clock.position))

    def do_replay_step(self) -> None:
        self.clock.pause()
        self.clock.seek(self.replay.recording.moments.after(self.clock.position))

    def do_replay_slower(self) -> None:
        self.clock.faster(-1)

    def do_replay_faster(self) -> None:
        self.clock.faster(1)

    def do_replay_begin(self) -> None:
        self.clock.seek(0.0)

    def do_replay_end(self) -> None:
        self.clock.seek(self.clock.length_s)

    def do_replay_seek(self) -> None:
        def seek(position: float | None) -> None:
            if position is not None:
                self.clock.seek(position)
                self.tick()

        self.push_screen(Seek(self.clock.position, self.clock.length_s), seek)

    def do_replay_lead(self) -> None:
        self.alone, self._wanted = False, None
