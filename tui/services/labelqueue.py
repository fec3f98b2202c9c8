"""The places of a coder's queue: which are done, left for later or lost, and which comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from engine.annotations import frames
from engine.annotations.decision import Unit
from engine.annotations.log import Log
from engine.annotations.past import past
from engine.annotations.queue import Item, Study, plan
from engine.errors import FootplateError
from engine.workspace import Workspace

Occasion = tuple[Unit, str]  # a unit, and why it is in the queue


class Places:
    """A queue as it was planned last; it is planned anew where the files behind it are others."""

    def __init__(self, workspace: Workspace, log: Log, coder: str, variables: Sequence[str]) -> None:
        self._workspace, self._log, self._coder, self._variables = workspace, log, coder, variables
        self.done: set[int] = set()
        self.skipped: set[Occasion] = set()
        self.lost: set[Unit] = set()  # what cannot be shown in this session
        self._read()

    def _read(self) -> None:
        settings, self._stamp = self._workspace.settings, self._files()
        study = Study(settings.salt, settings.coders, settings.overlap)
        before = past(self._log, self._coder, self._variables)
        units, active = frames.units(self._workspace), frames.active(self._workspace)
        self.items = plan(self._coder, study, units, before, active)
        self.done = set(range(len(before.shown)))

    def _files(self) -> object:
        stats = (path.stat() if path.exists() else None for path in (self._workspace.frames, self._workspace.queue))
        return [(stat.st_mtime_ns, stat.st_size, stat.st_ino) if stat else None for stat in stats]

    def renew(self, place: int, *, anyway: bool = False) -> int:
        """Plan anew where the files are others; where the frame of a place stands now."""
        if self._files() == self._stamp and not anyway:
            return place
        here = occasion(self.items[place])
        with suppress(FootplateError):  # half written, or wrong: who labels goes on with what there was
            self._read()
        last = len(self.items) - 1
        return next((n for n, item in enumerate(self.items) if occasion(item) == here), min(place, last))

    def mark(self, place: int, *, done: bool) -> None:
        """A place is done, or no more."""
        if done:
            self.done.add(place)
            self.skipped.discard(occasion(self.items[place]))
        else:
            self.done.discard(place)

    def skip(self, place: int) -> None:
        """Leave a place for later."""
        if place not in self.done:
            self.skipped.add(occasion(self.items[place]))

    def waiting(self, place: int) -> Iterator[int]:
        """The places that wait, from the one after a place on and around; what was skipped comes last."""
        rest = [*range(place + 1, len(self.items)), *range(place + 1)]
        waiting = [n for n in rest if n not in self.done and self.items[n].unit not in self.lost]
        yield from sorted(waiting, key=lambda n: occasion(self.items[n]) in self.skipped)

    def beside(self, place: int, by: int) -> int | None:
        """The place before or after, done or not; None at either end."""
        place += by
        while 0 <= place < len(self.items) and self.items[place].unit in self.lost:
            place += by
        return place if 0 <= place < len(self.items) else None

    def coming(self, place: int, count: int) -> list[Unit]:
        """The units of a place and of those that come next."""
        rest = (n for n in range(place, len(self.items)) if n == place or n not in self.done)
        return [self.items[n].unit for n, _ in zip(rest, range(count), strict=False)]

    def of(self, unit: Unit, kinds: Sequence[str], position: int | None) -> int:
        """Where a unit stands for a reason; one that has left the queue comes to its end, to be seen once more."""
        found = [n for n, item in enumerate(self.items) if item.unit == unit and item.kind in kinds]
        if not found:
            self.items.append(Item(unit, kinds[0], len(self.items)))
            return len(self.items) - 1
        return next((n for n in found if self.items[n].position == position), found[-1])


def occasion(item: Item) -> Occasion:
    """What stays of an item when its place changes."""
    return item.unit, item.kind
