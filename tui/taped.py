"""The app while a recording is made: beside what services tell, the tape keeps keys, sizes, and where one is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textual import events, on

from tui.app import FootplateApp
from tui.messages import ServiceFailed, Told
from tui.options import Options
from tui.services.recording.codec import plain
from tui.services.recording.patch import difference
from tui.services.recording.recorded import Recorded
from tui.services.recording.tape import Tape
from tui.where import seen

LOOK_S = 0.25


class TapedApp(FootplateApp):
    """Footplate's screens, recorded."""

    def __init__(self, root: Path, open_run: str | None, options: Options, sources: Recorded, tape: Tape) -> None:
        super().__init__(root, open_run, options, sources)
        self._tape = tape
        self._seen: dict[str, Any] = {}
        tape.failed = self._tape_failed

    def on_mount(self) -> None:
        self._tape.start({"size": [*self.size], "theme": self.theme})
        self.set_interval(LOOK_S, self._look_around)

    def on_unmount(self) -> None:
        self._look_around()
        self._tape.close()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._tape.line("key", key=event.key)
        elif isinstance(event, events.Resize):
            self._tape.line("size", size=[*event.size])
        await super().on_event(event)

    def _look_around(self) -> None:
        now = plain(seen(self))
        if now and now != self._seen:
            self._tape.line("where", changed=difference(self._seen, now))
            self._seen = now

    @on(Told)
    def _keep_told(self, message: Told) -> None:
        self._tape.keep(lambda: [{"kind": "told", "tellings": plain([*message.old, *message.new])}])

    def _tape_failed(self, why: str, what_to_do: str) -> None:
        self.post_message(ServiceFailed("recording", why, what_to_do))
