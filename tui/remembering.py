"""The app remembers: where somebody was, how each screen looked, and when the events were looked at."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.css.query import NoMatches

from engine import settings
from tui.format import told_shortly
from tui.lab import Lab
from tui.services import session
from tui.services.session import Session
from tui.telling import TellingApp

if TYPE_CHECKING:
    from tui.screens.base import FootplateScreen
    from tui.screens.framed import FramedScreen

EVERY_S = 30.0  # as much is lost at most where this process is killed


class RememberingApp(TellingApp):
    """An app that begins where it was left, by the settings of who opens it."""

    @property
    def place(self) -> FootplateScreen | None:
        """The screen that one is on."""
        raise NotImplementedError

    def __init__(self, lab: Lab) -> None:
        # Two small files, read before anything is painted, so that nothing is painted twice.
        found, faults = settings.read(settings.file())
        file = session.path(lab.workspace)
        before, damage = session.read(file)
        begins = Session(looked_at=before.looked_at) if lab.options.fresh or lab.sources.place else before
        super().__init__(lab, found, begins.theme, begins.looked_at)
        self._file, self._damage, self._faults, self.before = file, damage, faults, begins
        self._written = self.before
        self._stand: dict[str, FramedScreen] = {}

    def begin_remembering(self) -> None:
        """Tell what happens, and keep what changes, from now on."""
        if self._faults:
            self._warn("your settings", told_shortly(self._faults, "footplate settings"))
        if self._damage:
            self._warn("where you were", f"{self._damage}; {self._put_aside()}")
        if not self.lab.sources.place:  # a replay is of another time
            self.tellings.looked_at = self.tellings.looked_at or time.time()
            self.begin_telling()
            self.set_interval(EVERY_S, self.keep)

    def _put_aside(self) -> str:
        if self.lab.gate.closed:
            return self.lab.gate.closed
        return self.lab.gate.change(f"putting {self._file} aside", partial(session.put_aside, self._file))

    def _warn(self, title: str, words: str) -> None:
        tell = partial(self.notify, words, title=title, severity="warning", timeout=12, markup=False)
        self.call_after_refresh(tell)

    def stands(self, screen: FramedScreen) -> None:
        """A screen stands for the first time: give it back what it kept."""
        self._stand[screen.NAME] = screen
        kept = self.before.kept.get(screen.NAME)
        if not kept:
            return
        try:
            screen.restore(kept)
        except Exception as error:  # noqa: BLE001 (a file that somebody edited must not keep a screen from opening)
            self._warn(f"{screen.NAME} begins anew", f"{type(error).__name__}: {error}")

    # --- keeping -------------------------------------------------------------------------------------------------

    def keep(self) -> None:
        """Write what has changed, in a thread; nothing where nothing may be written."""
        if self.lab.gate.closed or not self._stand:
            return
        now = self._now()
        if now != self._written:
            self._written = now
            threading.Thread(target=self._write, args=(now,), name="session").start()

    def _now(self) -> Session:
        kept = {**self._written.kept, **{name: self._kept(screen) for name, screen in self._stand.items()}}
        place = self.place.NAME if self.place else self.before.place
        return Session(place, self.lab.opened, self.chosen_theme, self.tellings.looked_at, kept)

    def _kept(self, screen: FramedScreen) -> dict[str, Any]:
        try:
            return screen.kept()
        except NoMatches:  # it is just being taken down
            return self._written.kept.get(screen.NAME, {})

    def _write(self, now: Session) -> None:
        try:
            session.write(self._file, now)
        except OSError as error:
            if self.is_running:
                self.call_later(self._warn, "where you are is not kept", f"{self._file}: {error.strerror}")

    def exit(self, *given: Any, **named: Any) -> None:
        """Leave; the process waits for the thread that writes, after the screen is gone."""
        self.keep()
        super().exit(*given, **named)
