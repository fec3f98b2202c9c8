"""A coder at work: what was decided of each frame in the queue, and the log into which each key press goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from engine.annotations.decision import BLANK, CODED, REMARK, Decision, Unit
from engine.annotations.given import codebook
from engine.annotations.log import Log
from engine.annotations.queue import Item
from engine.annotations.saying import known
from engine.errors import DataError
from engine.workspace import Workspace
from tui.services.gate import Gate
from tui.services.labelqueue import Places

T = TypeVar("T")
REPEAT, RECODE = "repeat", "recode"


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
    lost: int = 0  # frames that cannot be shown


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
        self._log: Log | None = None
        self._again: dict[Unit, dict[str, str]] = {}  # what was said on a second chance, which begins empty
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="labels")

    def submit(self, do: Callable[[], T]) -> Future[T]:
        """Do something in the session's thread, when all that was asked for before is done."""
        return self._thread.submit(do)

    def close(self) -> None:
        """Let the log go when all that was asked for is done."""
        self._thread.submit(lambda: self._log.close() if self._log is not None else None)
        self._thread.shutdown(wait=False)

    @property
    def log(self) -> Log:
        assert self._log is not None
        return self._log

    # --- the queue -----------------------------------------------------------------------------------------------

    def open(self) -> Standing | None:
        """Read everything; the first frame that is not labelled yet, None where there is no frame at all."""
        settings = self.workspace.settings
        known(settings, self.coder)
        if not settings.variables:
            raise DataError(f"{self.workspace.file}: no variables", hint="name there what is labelled, and its labels")
        self.codebook = codebook(settings)
        self._log = Log.open(self.workspace.labels, readonly=bool(self._gate.closed))
        self.places = Places(self.workspace, self._log, self.coder, list(self.codebook))
        return self.go_on(-1) if self.places.items else None

    def go_on(self, place: int) -> Standing:
        """The next frame that is not done, those before it too; what was skipped comes when nothing else is left."""
        place = self.places.renew(place) if place >= 0 else place
        found = self._next(place)
        if found is None and place >= 0:
            place = self.places.renew(place, anyway=True)  # blanks of this session are due now
            found = self._next(place)
        return found or self.at(max(0, place))

    def _next(self, place: int) -> Standing | None:
        standings = map(self.at, self.places.waiting(place))
        return next((standing for standing in standings if not standing.complete), None)

    def step(self, place: int, by: int) -> Standing | None:
        """The frame before or after; None at either end."""
        beside = self.places.beside(place, by)
        return None if beside is None else self.at(beside)

    def skip(self, place: int) -> Standing:
        """Leave a frame for later."""
        self.places.skip(place)
        return self.go_on(place)

    def pass_over(self, place: int) -> Standing:
        """Go on without a frame that cannot be shown, in this session."""
        self.places.lost.add(self.places.items[place].unit)
        return self.go_on(place)

    # --- a frame -------------------------------------------------------------------------------------------------

    def at(self, place: int) -> Standing:
        """How a place stands by the log."""
        item = self.places.items[place]
        kinds = (REPEAT,) if item.kind == REPEAT else CODED
        found = {one.variable: one for one in self.log.newest(coder=self.coder, unit=item.unit, kinds=kinds)}
        remark = found.pop(REMARK, None)
        if item.kind == RECODE and remark is not None and remark.position != item.position:
            remark = None  # from the first time, of which nothing shows
        values = {name: one.value for name, one in found.items() if name in self.codebook}
        if item.kind == RECODE:
            values = self._again.setdefault(item.unit, {})
        complete = values.keys() >= self.codebook.keys()
        self.places.mark(place, done=complete)
        done, of, lost = len(self.places.done), len(self.places.items), len(self.places.lost)
        return Standing(place, item, dict(values), bool(remark and remark.flagged), remark.note if remark else "",
                        done, of, complete, lost)  # fmt: skip

    def say(self, place: int, values: Mapping[str, str], shown: Shown) -> Standing:
        """Commit what one key said, unless it stands already; the frame as it stands then."""
        before = self.at(place)
        new = {name: value for name, value in values.items() if before.values.get(name) != value}
        self._add([self._decision(before, name, value, shown) for name, value in new.items()])
        if before.item.kind == RECODE:
            self._again[before.item.unit].update(new)
        return self.at(place)

    def blank(self, place: int, shown: Shown) -> Standing:
        """Commit that the coder has seen the frame and chosen nothing more."""
        left = [name for name in self.codebook if name not in self.at(place).values]
        return self.say(place, dict.fromkeys(left, BLANK), shown)

    def remark(self, place: int, shown: Shown, *, flagged: bool, note: str) -> Standing:
        """Commit a flag and a note."""
        standing = Standing(place, self.places.items[place], flagged=flagged, note=note)
        self._add([self._decision(standing, REMARK, BLANK, shown)])
        return self.at(place)

    def undo(self) -> Standing | None:
        """Take back what the last key committed; the frame that it was about, None where nothing is left."""
        undo = partial(self.log.undo, self.coder)
        taken = self._gate.change(f"taking back a label of {self.coder}", lambda: undo(time.time()))
        if not taken:
            return None
        first = taken[0]
        kinds = (REPEAT,) if first.kind == REPEAT else ("code", RECODE)
        place = self.places.of(first.unit, kinds, first.position)
        for one in taken:
            self._again.get(one.unit, {}).pop(one.variable, None)
        return self.at(place)

    def _decision(self, standing: Standing, variable: str, value: str, shown: Shown) -> Decision:
        kind = REPEAT if standing.item.kind == REPEAT else "code"
        return Decision(
            self.coder, standing.item.unit, variable, value, time.time(), standing.note, standing.flagged, kind,
            position=standing.item.position, seconds=round(shown.seconds, 3), shown=shown.how,
        )  # fmt: skip

    def _add(self, decisions: Sequence[Decision]) -> None:
        if decisions:
            self._gate.change(f"saving a label of {self.coder}", lambda: self.log.add(decisions))
