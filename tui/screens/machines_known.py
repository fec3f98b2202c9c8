"""What a screen knows of machines: asked for again and again while it is in view, and nothing where that is no use."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from textual.timer import Timer

from tui.entries import Entry
from tui.screens.base import FootplateScreen
from tui.services import machines as services
from tui.services.machines import Found

EVERY_S = 5.0
MOST_SKIPPED = 12  # looks that are left out while nobody answers: once a minute is often enough then
LOOKING = "asking for the machines"


class MachinesWatch(FootplateScreen, inherit_bindings=False):
    """A screen that looks after machines while it is in view."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Found | None = None
        self._looks: Timer | None = None
        self._failures = self._skipped = 0

    def machines_changed(self) -> None:
        """Something else is known of machines."""
        raise NotImplementedError

    def watch_machines(self) -> None:
        """Look now, and then every few seconds."""
        self._looks = self._looks or self.set_interval(EVERY_S, self._look)
        self._looks.resume()
        self._look()

    def rest_machines(self) -> None:
        """Look no more."""
        if self._looks is not None:
            self._looks.pause()

    def look_at_machines(self) -> None:
        """Look now, whatever was said before."""
        self._failures = self._skipped = 0
        self.work(LOOKING, partial(services.look, self.lab.gate), self._taken)

    def _look(self) -> None:
        if self.at_work(LOOKING) or self._skips():
            return
        rested = self.found.marks if self.found is not None and self.found.rests else None
        self.work(LOOKING, partial(services.look, self.lab.gate, rested), self._taken)

    def _skips(self) -> bool:
        self._skipped += 1
        wait = min(2**self._failures - 1, MOST_SKIPPED)
        return bool(self._failures) and self._skipped <= wait

    def _taken(self, found: Found | None) -> None:
        if found is None:
            return
        self._failures, self._skipped = (self._failures + 1, 0) if found.trouble else (0, 0)
        before = self.found
        if found.trouble and not found.rests and before is not None:  # as it was when somebody last answered
            found = replace(before, trouble=found.trouble, advice=found.advice)
        if found != before:
            self.found = found
            self.machines_changed()

    def tell_error(self, what: str, why: str, what_to_do: str) -> None:
        if what == LOOKING:  # said where the machines would stand, once
            self._taken(Found(trouble=why, advice=what_to_do, rests=True))
        else:
            super().tell_error(what, why, what_to_do)

    def entries(self) -> list[Entry]:
        """All runs."""
        return list(self.lab.entries or ())
