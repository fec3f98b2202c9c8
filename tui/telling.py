"""The app tells what happens: a toast and the bell for what is worth it, and a list of all of it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on

from engine.settings import Settings
from engine.telling import TROUBLE, Telling, summary
from tui.copying import CopyingApp
from tui.lab import Lab
from tui.messages import Told
from tui.services.watch import Watch
from tui.tellings import Tellings

SHOWN = 3  # tellings of one moment that a toast names
FAULT = "what happens is not told meanwhile; it is tried again"


class TellingApp(CopyingApp):
    """An app that hears of what happens to runs."""

    _hearing: Watch | None = None

    def __init__(self, lab: Lab, settings: Settings, last_theme: str = "", looked_at: float = 0.0) -> None:
        super().__init__(lab, settings, last_theme)
        self.tellings = Tellings(looked_at)

    def begin_telling(self) -> None:
        """From now on, until `end_telling`."""
        from tui.services.telling import Listener, Messenger  # nothing of it is needed for the first paint

        messenger = Messenger(self.lab.gate, self.settings, self.post_message)
        listener = Listener(self.lab.workspace, lambda: self.lab.entries, messenger.tell)
        self._hearing = Watch("telling what happens", listener.step, self.post_message, what_to_do=FAULT).start()

    def end_telling(self) -> None:
        if self._hearing is not None:
            self._hearing.close()

    @on(Told)
    def _told(self, message: Told) -> None:
        before = len(self.tellings.unseen)
        self.tellings.take([*message.old, *message.new])
        wanted = [telling for telling in message.new if telling.kind in self.settings.tell]
        if wanted:
            self._say(wanted, message.by_notice)
        elif not before and self.tellings.looked_at and (missed := self.tellings.unseen) and message.old:
            self.notify(f"{summary(missed)}; {self._where()}", title="since you last looked", markup=False)
        self.tellings_changed()

    def _say(self, tellings: Sequence[Telling], by_notice: bool) -> None:
        """One toast and one ring, however many there are."""
        lines = [str(telling) for telling in tellings[:SHOWN]]
        more = [f"{summary(tellings)}; {self._where()}"] if len(tellings) > SHOWN else []
        bad = any(telling.kind in TROUBLE for telling in tellings)
        words = "\n".join(more or lines)
        self.notify(words, severity="warning" if bad else "information", timeout=10, markup=False)
        self.ring(f"footplate: {words}", by_notice)

    def _where(self) -> str:
        return self.lab.worded("{events} lists them")

    def tellings_changed(self) -> None:
        """Something was added to the list of events, or somebody has looked at it."""
