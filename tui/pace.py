"""How often the screen is painted again: at once after a key; what comes by itself waits on a slow line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar, cast

from textual.events import ScreenResume
from textual.screen import Screen
from textual.timer import Timer

if TYPE_CHECKING:
    from tui.terminal import TerminalApp

HOLD_S = 0.03  # for so long at most a repaint waits for a key to have done all that it does,
LOOK_S = 0.002  # and so often it is looked whether it has
NEWS_S = 0.5  # two repaints a second
TOUCHED_S = 0.3  # for so long after a key, what it has started is painted as it comes,
ANSWER_S = 0.1  # and at most so often

R = TypeVar("R")


class Pace:
    """When the next repaint may come; every screen of an app asks the same one."""

    def __init__(self, slow: bool = False) -> None:
        self.slow = slow
        self._painted_at = self._touched_at = float("-inf")
        self._owed_since: float | None = None  # a key was pressed and nothing painted since

    def touched(self, now: float) -> None:
        """Somebody pressed a key."""
        self._touched_at = now
        if self._owed_since is None or now - self._owed_since > TOUCHED_S:  # that one has changed nothing
            self._owed_since = now

    def painted(self, now: float) -> None:
        self._painted_at, self._owed_since = now, None

    def wait_s(self, now: float, settling: bool = False) -> float:
        """For how many seconds a repaint has to wait; 0 where it may come now.

        While a key is still settling a little, so that all that it changes is painted at once.
        """
        if self._owed_since is not None:
            return LOOK_S if settling and now - self._owed_since < HOLD_S else 0.0
        if not self.slow:
            return 0.0
        apart = ANSWER_S if now - self._touched_at < TOUCHED_S else NEWS_S
        return max(0.0, self._painted_at + apart - now)


class Paced(Screen[R], inherit_bindings=False):
    """A screen that is painted again when its app's pace allows it."""

    _later: Timer | None = None
    _styled: object = None

    def _on_screen_resume(self, event: ScreenResume) -> None:
        """Textual is told not to look up all styles again, a third of a switch, where they are the same as before."""
        now = (self.app.theme, self.app.classes, self.app.app_focus)
        event.refresh_styles = now != self._styled
        self._styled = now

    def _on_timer_update(self) -> None:
        """Textual's moment of painting: all that became different since the last one is painted at once."""
        app, now = cast("TerminalApp", self.app), time.monotonic()
        if wait := app.pace.wait_s(now, app.settling):
            self._update_timer.pause()
            self._later = self._later or self.set_timer(wait, self._paint)
            return
        if self.is_current:
            app.pace.painted(now)
        super()._on_timer_update()

    def _paint(self) -> None:
        self._later = None
        self._on_timer_update()
