"""A coder at work: the queue, what was decided of each frame in it, and the log into which each key press goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from engine.annotations import frames
from engine.annotations.decision import BLANK, CODED, REMARK, Decision, Unit
from engine.annotations.given import codebook
from engine.annotations.log import Log
from engine.annotations.past import past
from engine.annotations.queue import Item, Study, plan
from engine.annotations.saying import known
from engine.errors import DataError
from engine.workspace import Workspace
from tui.services.gate import Gate

T = TypeVar("T")
REPEAT = "repeat"


@dataclass(frozen=True)
class Standing:
    """A frame of the queue: what was decided of it, and how far the whole is."""

    place: int
    item: Item
    values: Mapping[str, str] = field(default_factory=dict)  # by variable; what is unseen is not in it
    flagged: bool = False
    note: str = ""
    done: int = 0
    of: int = 0
    complete: bool = False


@dataclass(frozen=True)
class Shown:
    """How a frame was seen when something was decided: for how long, and in which picture."""

    seconds: float
    how: str


class Labelling:
    """One coder's session. All of it happens in one thread, in the order in which it was asked for."""

    def __init__(self, workspace: Workspace, coder: str, gate: Gate) -> None:
        self.workspace, self.coder, self._gate = workspace, coder, gate
        self.codebook: Mapping[str, Sequence[str]] = {}
        self.items: list[Item] = []
        self._finished: set[int] = set()
        self._again: dict[int, dict[str, str]] = {}  # by place: what was said on a second chance, which begins empty
        self._skipped: set[int] = set()
        self._lost: set[int] = set()
        self._stamp: object = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="labels")

    def submit(self, do: Callable[[], T]) -> Future[T]:
        """Do something in the session's thread, when all that was asked for before is done."""
        return self._thread.submit(do)

    def close(self) -> None:
        """Let the log go when all that was asked for is done."""
        self._thread.submit(lambda: self._log.close() if hasattr(self, "_log") else None)
        self._thread.shutdown(wait=False)

    # --- the queue -----------------------------------------------------------------------------------------------

    def open(self) -> Standing | None:
        """Read everything; the first frame that is not labelled yet, None where there is no frame at all."""
        settings = self.workspace.settings
        known(settings, self.coder)
        if not settings.variables:
            raise DataError(f"{self.workspace.file}: no variables", hint="name there what is labelled, and its labels")
        self.codebook = codebook(settings)
        self._log = Log.open(self.workspace.labels, readonly=bool(self._gate.closed))
        self._read()
        return self.go_on(-1) if self.items else None

    def _read(self) -> None:
        settings, self._stamp = self.workspace.settings, self._files()
        study = Study(settings.salt, settings.coders, settings.overlap)
        done = past(self._log, self.coder, list(self.codebook))
        units, active = frames.units(self.workspace), frames.active(self.workspace)
        self.items = plan(self.coder, study, units, done, active)
        self._finished, self._skipped, self._lost = set(range(len(done.shown))), set(), set()
        self._again = {}

    def _files(self) -> object:
        stats = (path.stat() if path.exists() else None for path in (self.workspace.frames, self.workspace.queue))
        return [(stat.st_mtime_ns, stat.st_size, stat.st_ino) if stat else None for stat in stats]

    def renew(self, place: int) -> int:
        """Read the queue again where its files are others; where the frame of a place stands now."""
        if self._files() == self._stamp:
            return place
        unit, kind, _ = self.items[place]
        self._read()
        return next((n for n, item in enumerate(self.items) if (item.unit, item.kind) == (unit, kind)), place)

    def go_on(self, place: int) -> Standing:
        """The next frame that is not done, those before it too; what was skipped comes when nothing else is left."""
        place = self.renew(place) if place >= 0 else place
        rest = [*range(place + 1, len(self.items)), *range(place + 1)]
        for skipped in (False, True):
            for n in rest:
                if n not in self._finished and n not in self._lost and (n in self._skipped) == skipped:
                    standing = self.at(n)
                    if not standing.complete:
                        return standing
        return self.at(max(0, min(place, len(self.items) - 1)))

    def skip(self, place: int) -> Standing:
        """Leave a frame for later."""
        if place not in self._finished:
            self._skipped.discard(place)
            self._skipped.add(place)
        return self.go_on(place)

    def pass_over(self, place: int) -> Standing:
        """Go on without a frame that cannot be shown, in this session."""
        self._lost.add(place)
        return self.go_on(place)

    def coming(self, place: int, count: int) -> list[Unit]:
        """The units of the places that come next."""
        rest = (n for n in range(place, len(self.items)) if n == place or n not in self._finished)
        return [self.items[n].unit for n, _ in zip(rest, range(count), strict=False)]

    # --- a frame -------------------------------------------------------------------------------------------------

    def at(self, place: int) -> Standing:
        """How a place stands by the log."""
        item = self.items[place]
        kinds = (REPEAT,) if item.kind == REPEAT else CODED
        found = {one.variable: one for one in self._log.newest(coder=self.coder, unit=item.unit, kinds=kinds)}
        remark = found.pop(REMARK, None)
        if item.kind == "recode" and remark is not None and remark.position != item.position:
            remark = None  # from the first time, of which nothing shows
        values = {name: one.value for name, one in found.items() if name in self.codebook}
        if item.kind == "recode":
            values = self._again.setdefault(place, {})
        complete = values.keys() >= self.codebook.keys()
        (self._finished.add if complete else self._finished.discard)(place)
        if complete:
            self._skipped.discard(place)
        return Standing(place, item, dict(values), bool(remark and remark.flagged), remark.note if remark else "",
                        len(self._finished), len(self.items), complete)  # fmt: skip

    def say(self, place: int, values: Mapping[str, str], shown: Shown) -> Standing:
        """Commit what one key said, unless it stands already; the frame as it stands then."""
        before = self.at(place)
        new = {name: value for name, value in values.items() if before.values.get(name) != value}
        self._add([self._decision(before, name, value, shown) for name, value in new.items()])
        if before.item.kind == "recode":
            self._again[place].update(new)
        return self.at(place)

    def blank(self, place: int, shown: Shown) -> Standing:
        """Commit that the coder has seen the frame and chosen nothing more."""
        left = [name for name in self.codebook if name not in self.at(place).values]
        return self.say(place, dict.fromkeys(left, BLANK), shown)

    def remark(self, place: int, shown: Shown, *, flagged: bool, note: str) -> Standing:
        """Commit a flag and a note."""
        standing = Standing(place, self.items[place], flagged=flagged, note=note)
        self._add([self._decision(standing, REMARK, BLANK, shown)])
        return self.at(place)

    def undo(self) -> Standing | None:
        """Take back what the last key committed; the frame that it was about, None where nothing is left."""
        undo = partial(self._log.undo, self.coder)
        taken = self._gate.change(f"taking back a label of {self.coder}", lambda: undo(time.time()))
        if not taken:
            return None
        place = self._place_of(taken[0])
        for one in taken:
            self._again.get(place, {}).pop(one.variable, None)
        return self.at(place)

    def _place_of(self, taken: Decision) -> int:
        """Where a decision was made; a frame that has left the queue comes to its end, to be seen once more."""
        kinds = (REPEAT,) if taken.kind == REPEAT else ("code", "recode")
        places = [n for n, item in enumerate(self.items) if item.unit == taken.unit and item.kind in kinds]
        if not places:
            self.items.append(Item(taken.unit, taken.kind, len(self.items)))
            return len(self.items) - 1
        return next((n for n in places if self.items[n].position == taken.position), places[-1])

    def _decision(self, standing: Standing, variable: str, value: str, shown: Shown) -> Decision:
        kind = REPEAT if standing.item.kind == REPEAT else "code"
        return Decision(
            self.coder, standing.item.unit, variable, value, time.time(), standing.note, standing.flagged, kind,
            position=standing.item.position, seconds=round(shown.seconds, 3), shown=shown.how,
        )  # fmt: skip

    def _add(self, decisions: Sequence[Decision]) -> None:
        if decisions:
            self._gate.change(f"saving a label of {self.coder}", lambda: self._log.add(decisions))
