"""What a screen knows of machines: asked for again and again while it is in view, and nothing where that is no use."""

from __future__ import annotations

import time
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
CALM = 6  # looks without anything new, after which they come at half that rate, and after as many more at a third
TURNING = ("asked", "provisioning", "staging", "stopping")  # states that pass
MOST_SKIPPED = 12  # looks that are left out while nobody answers: once a minute is often enough then
LOOKING = "asking for the machines"
PATIENCE_S = 10.0  # of a look, after which it is said that what stands there is old


class MachinesWatch(FootplateScreen, inherit_bindings=False):
    """A screen that looks after machines while it is in view."""

    ONLY_USED: ClassVar[bool] = False  # whether nobody is asked while nobody has ever rented a machine here

    def __init__(self) -> None:
        super().__init__()
        self.found: Found | None = None
        self._looks: Timer | None = None
        self._failures = self._skipped = self._calm = 0
        self._asked_at = 0.0
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
        self._failures = self._skipped = self._calm = 0
        if self.at_work(LOOKING):
            self.once_more = True
        else:
            self._look(None)

    def _look_again(self) -> None:
        if self.at_work(LOOKING):
            self._tell_silence()
        elif not self._skips():
            self._look(self.found.marks if self.found is not None and self.found.rests else None)

    def _look(self, rested: tuple[int, ...] | None) -> None:
        from tui.services import machines as services  # nothing of it is needed for the first paint

        self._asked_at = time.monotonic()
        ask = services.glance if self.ONLY_USED else services.look
        self.work(LOOKING, partial(ask, self.lab.gate, rested), self._taken)

    def _tell_silence(self) -> None:
        """A look that gets no answer asks again for a while; what stands here is marked before it gives up."""
        from tui.services import machines as services

        waits = time.monotonic() - self._asked_at > PATIENCE_S
        if self.found is not None and not self.found.trouble and (waits or services.silent(self.lab.gate)):
            self._keep(_as_it_was(self.found, services.AWAY, "it is being asked again"))

    def _skips(self) -> bool:
        self._skipped += 1
        most = min(2**self._failures - 1, MOST_SKIPPED) if self._failures else min(self._calm // CALM, 2)
        return self._skipped <= most

    def _taken(self, found: Found | None) -> None:
        if self.once_more:
            self.once_more = False
            self._look(None)
        if found is None:
            return
        self._failures, self._skipped = (self._failures + 1, 0) if found.trouble else (0, 0)
        before = self.found
        self._calm = self._calm + 1 if before is not None and _is_calm(before, found) else 0
        if found.trouble and not found.rests and before is not None:  # as it was when somebody last answered
            found = _as_it_was(before, found.trouble, found.advice)
        self._tell_news(found)
        self._keep(found)

    def _keep(self, found: Found) -> None:
        """Show it where it is other than before; when it stood so is kept in any case."""
        changed = found != self.found
        self.found = self.lab.machines = found
        if changed:
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


def _is_calm(before: Found, found: Found) -> bool:
    """Whether nothing has come, gone or changed, and nothing is about to."""
    same = (before.machines, before.pending) == (found.machines, found.pending)
    return same and not any(machine.state in TURNING for machine in found.machines)


def _as_it_was(before: Found, why: str, advice: str) -> Found:
    """What is known from earlier, with why nothing newer is."""
    if before.at and before.machines:
        then = time.strftime("%H:%M:%S", time.localtime(before.at))
        why = f"{why}; what stands here is from {then}"
    return replace(before, trouble=why, advice=advice)
