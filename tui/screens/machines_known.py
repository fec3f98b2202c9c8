"""What a screen knows of machines: asked for again and again while it is in view, and nothing where that is no use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.timer import Timer

from tui.entries import Entry
from tui.messages import Told
from tui.screens.base import FootplateScreen

if TYPE_CHECKING:
    from tui.services.machines import Found

EVERY_S = 5.0
MOST_SKIPPED = 12  # looks that are left out while nobody answers: once a minute is often enough then
LOOKING = "asking for the machines"


class MachinesWatch(FootplateScreen, inherit_bindings=False):
    """A screen that looks after machines while it is in view."""

    ONLY_USED: ClassVar[bool] = False  # whether nobody is asked while nobody has ever rented a machine here

    def __init__(self) -> None:
        super().__init__()
        self.found: Found | None = None
        self._looks: Timer | None = None
        self._failures = self._skipped = 0
        self.once_more = False  # something has changed since the look that is still going on

    def machines_changed(self) -> None:
        """Something else is known of machines."""
        raise NotImplementedError

    def watch_machines(self) -> None:
        """Look now, and then every few seconds."""
        self._looks = self._looks or self.set_interval(EVERY_S, self._look_again)
        self._looks.resume()
        if self.lab.machines not in (None, self.found):  # another screen has asked since
            self.found = self.lab.machines
            self.machines_changed()
        self._look_again()

    def rest_machines(self) -> None:
        """Look no more."""
        if self._looks is not None:
            self._looks.pause()

    def look_at_machines(self) -> None:
        """Look now, whatever was said before; where somebody looks already, once more after that."""
        self._failures = self._skipped = 0
        if self.at_work(LOOKING):
            self.once_more = True
        else:
            self._look(None)

    def _look_again(self) -> None:
        if not self.at_work(LOOKING) and not self._skips():
            self._look(self.found.marks if self.found is not None and self.found.rests else None)

    def _look(self, rested: tuple[int, ...] | None) -> None:
        from tui.services import machines as services  # nothing of it is needed for the first paint

        ask = services.glance if self.ONLY_USED else services.look
        self.work(LOOKING, partial(ask, self.lab.gate, rested), self._taken)

    def _skips(self) -> bool:
        self._skipped += 1
        return bool(self._failures) and self._skipped <= min(2**self._failures - 1, MOST_SKIPPED)

    def _taken(self, found: Found | None) -> None:
        if self.once_more:
            self.once_more = False
            self._look(None)
        if found is None:
            return
        self._failures, self._skipped = (self._failures + 1, 0) if found.trouble else (0, 0)
        before = self.found
        if found.trouble and not found.rests and before is not None:  # as it was when somebody last answered
            found = replace(before, trouble=found.trouble, advice=found.advice)
        self._tell_news(found)
        if found != before:
            self.found = self.lab.machines = found
            self.machines_changed()

    def _tell_news(self, found: Found) -> None:
        """What is worth an event: told once, whichever screen has seen it."""
        from tui.machinetelling import news

        told = news(self.lab.machines, found, self.entries(), self.lab.now(), self.lab.told_of_machines)
        if told:
            self.footplate.post_message(Told(new=told))

    def tell_error(self, what: str, why: str, what_to_do: str) -> None:
        if what == LOOKING:  # said where the machines would stand, once
            from tui.services.machines import Found

            self._taken(Found(trouble=why, advice=what_to_do, rests=True))
        else:
            super().tell_error(what, why, what_to_do)

    def entries(self) -> Sequence[Entry]:
        """All runs."""
        return self.lab.entries or ()
