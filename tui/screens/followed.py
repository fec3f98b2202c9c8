"""One run, followed while its screen is in view: what it says is folded here, and its screen told to show it."""

from __future__ import annotations

import time
from dataclasses import replace

from textual.timer import Timer

from engine import points
from engine.run import Status
from tui.entries import Entry
from tui.messages import EventsArrived, LogGrew, RunGone, StatusChanged
from tui.screens.acting import RunScreenActs
from tui.services.sources import OneRun
from tui.services.watch import Watch
from tui.story import Story

OFTEN_S = 0.1
CATCHING_UP_S = 0.4  # while much is read that was said before, reading has the processor
WHAT_TO_DO = "what is shown is as it was; it is tried again"


class FollowedRun(RunScreenActs, inherit_bindings=False):
    """A screen on one run, which may become another one."""

    def __init__(self) -> None:
        super().__init__()
        self.run_id = ""
        self.gone = ""
        self.story = Story()
        self.follower: OneRun | None = None
        self._status: Status | None = None
        self._watch: Watch | None = None
        self._soon: Timer | None = None
        self._shown_at = 0.0
        self._apart = OFTEN_S

    def begin(self) -> None:
        """Another run is followed from now on, whose log is `follower.log`; empty the panes."""
        raise NotImplementedError

    def show_run(self) -> None:
        """Show how it stands now."""
        raise NotImplementedError

    def log_grew(self, afresh: bool) -> None:
        """Its log is longer; or another one, where it was cut or replaced."""
        raise NotImplementedError

    def entry(self) -> Entry | None:
        """The run, with the newest status that is known of it."""
        known = self.lab.entry(self.run_id)
        if self._status is None or not self.run_id:
            return known
        status = self.story.brought_up_to_date(self._status)
        if known is None:  # archived, or newer than the catalog
            return Entry(self.run_id, "".join(self.run_id.split("-")[2:3]), self.lab.now(), status)
        return replace(known, status=status)

    def _show_soon(self, apart: float = OFTEN_S) -> None:
        """Show it now, or with what else comes until so many seconds after it was shown last."""
        if self._soon is not None:
            if self._apart <= apart:
                return
            self._soon.stop()
        self._apart, wait = apart, self._shown_at + apart - time.monotonic()
        if wait <= 0:
            self._show_now()
        else:
            self._soon = self.set_timer(wait, self._show_now)

    def _show_now(self) -> None:
        self._soon, self._shown_at = None, time.monotonic()
        self.show_run()

    # --- following -----------------------------------------------------------------------------------------------

    def follow(self, run_id: str) -> None:
        """Follow this run, or the newest one; the one that was followed before where it is the same."""
        wanted = run_id or self.run_id or next((entry.id for entry in self.lab.entries or ()), "")
        if wanted and wanted != self.run_id:
            self.unfollow()
            self.run_id, self.gone, self.story, self._status = wanted, "", Story(), None
            self.follower = self.lab.sources.follower(wanted, self.post_message)
            self.begin()
        if self.follower is not None and self._watch is None and not self.gone:
            step = self.follower.step
            self._watch = Watch("following the run", step, self.post_message, what_to_do=WHAT_TO_DO).start()

    def unfollow(self) -> None:
        """Look at it no more, until it is followed again from where this ended."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    def on_screen_resume(self) -> None:
        self.follow(self.lab.opened)
        super().on_screen_resume()

    def on_screen_suspend(self) -> None:
        self.unfollow()

    def on_unmount(self) -> None:
        self.unfollow()

    def runs_changed(self) -> None:
        if not self.run_id:
            self.follow("")
        self.show_run()

    # --- what is new ---------------------------------------------------------------------------------------------

    def on_events_arrived(self, message: EventsArrived) -> None:
        if message.run_id == self.run_id:
            if message.afresh:
                self.story, self._status, self.gone = Story(), None, ""
            block = message.block or points.of_events(message.events)
            self.story.take(block)
            self._show_soon(CATCHING_UP_S if block.more else OFTEN_S)

    def on_status_changed(self, message: StatusChanged) -> None:
        if message.run_id == self.run_id:
            self._status = message.status
            self._show_soon()

    def on_log_grew(self, message: LogGrew) -> None:
        if message.run_id == self.run_id:
            self.log_grew(message.afresh)

    def on_run_gone(self, message: RunGone) -> None:
        if message.run_id == self.run_id:
            self.gone = message.words
            self.unfollow()
            self.tell_error("following the run", message.words, "q goes back; what was read of it stays in view")
            self.show_run()
