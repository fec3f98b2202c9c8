"""A coder at work: what was decided of each frame in the queue, and the log into which each key press goes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from engine.annotations.decision import BLANK, CODED, REMARK, UNDO, Decision, Unit
from engine.annotations.given import codebook
from engine.annotations.log import Log
from engine.annotations.saying import known
from engine.errors import DataError
from engine.workspace import Workspace
from tui.services.framestanding import Meanwhile, Shown, Standing, Taken, differing, named, said_by
from tui.services.gate import Gate
from tui.services.labelqueue import Places

T = TypeVar("T")
REPEAT, RECODE = "repeat", "recode"


class Labelling:
    """One coder's session. All of it happens in one thread, in the order in which it was asked for."""

    def __init__(self, workspace: Workspace, coder: str, gate: Gate) -> None:
        self.workspace, self.coder, self._gate = workspace, coder, gate
        self.codebook: Mapping[str, Sequence[str]] = {}
        self._log: Log | None = None
        self._known = 0  # the version of the log up to which it was looked at
        self._mine: set[str] = set()  # what was appended here since: keys of decisions, and acts that were taken back
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
        self._known = self._log.version()
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

    def step(self, here: Standing, by: int) -> Standing | None:
        """The frame before or after; None at either end."""
        beside = self.places.beside(self._place(here), by)
        return None if beside is None else self.at(beside)

    def skip(self, here: Standing) -> Standing:
        """Leave a frame for later."""
        place = self._place(here)
        self.places.skip(place)
        return self.go_on(place)

    def pass_over(self, here: Standing) -> Standing:
        """Go on without a frame that cannot be shown, in this session."""
        self.places.lost.add(here.item.unit)
        return self.go_on(self._place(here))

    def _place(self, here: Standing) -> int:
        """Where a frame that was shown stands now: the queue may have been planned anew since."""
        return self.places.of(here.item.unit, (here.item.kind,), here.item.position)

    # --- what others append for the same coder -------------------------------------------------------------------

    def anew(self, shown: Standing) -> Standing | None:
        """A frame as it stands now; None where nobody else has appended anything for this coder."""
        if not self._appended_by_others():
            return None
        self.places.renew(0, anyway=True)
        return self._again_at(shown)

    def _appended_by_others(self) -> bool:
        now = self.log.version()
        if now == self._known:
            return False
        since = {"known": self._known, "coder": self.coder}
        new = self.log.select("id > :known AND +coder = :coder", since)  # few, so by their ids
        others = [one for one in new if (one.act if one.kind == UNDO else one.key) not in self._mine]
        self._known = now
        self._mine.clear()
        return bool(others)

    def _again_at(self, shown: Standing) -> Standing:
        now = self.at(self._place(shown))
        if now.item.kind == RECODE:  # what was said elsewhere was said on the second chance too
            new = {name: value for name, value in now.logged - shown.logged if name in self.codebook}
            self._again[now.item.unit].update(new)
            return self.at(now.place)
        return now

    def save(self, shown: Standing, do: Callable[[Standing], Standing], *, stay: bool = False) -> Standing | Meanwhile:
        """Save by a key that was meant for what was shown, and go on where that has completed the frame.

        What has been decided elsewhere since is not overwritten: whoever pressed the key could not see it.
        """
        before = self.anew(shown) or self._again_at(shown)
        if before.logged != shown.logged:
            return Meanwhile(before, differing(shown, before))
        after = do(before)
        return self.go_on(after.place) if after.complete and not (before.complete or stay) else after

    # --- a frame -------------------------------------------------------------------------------------------------

    def at(self, place: int) -> Standing:
        """How a place stands by the log."""
        item = self.places.items[place]
        kinds = (REPEAT,) if item.kind == REPEAT else CODED
        found = {one.variable: one for one in self.log.newest(coder=self.coder, unit=item.unit, kinds=kinds)}
        logged = frozenset((name, said_by(one)) for name, one in found.items())
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
                        done, of, complete, lost, logged)  # fmt: skip

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

    def undo(self) -> Taken | None:
        """Take back what the last key committed; None where nothing is left."""
        undo = partial(self.log.undo, self.coder)
        taken = self._gate.change(f"taking back a label of {self.coder}", lambda: undo(time.time()))
        if not taken:
            return None
        first = taken[0]
        self._mine.add(first.act)
        kinds = (REPEAT,) if first.kind == REPEAT else ("code", RECODE)
        place = self.places.of(first.unit, kinds, first.position)
        for one in taken:
            self._again.get(one.unit, {}).pop(one.variable, None)
        return Taken(self.at(place), f"{', '.join(map(named, taken))} of frame {place + 1}")

    def _decision(self, standing: Standing, variable: str, value: str, shown: Shown) -> Decision:
        kind = REPEAT if standing.item.kind == REPEAT else "code"
        return Decision(
            self.coder, standing.item.unit, variable, value, time.time(), standing.note, standing.flagged, kind,
            key=uuid.uuid4().hex, position=standing.item.position, seconds=round(shown.seconds, 3), shown=shown.how,
        )  # fmt: skip

    def _add(self, decisions: Sequence[Decision]) -> None:
        if decisions:
            self._mine.update(one.key for one in decisions)
            self._gate.change(f"saving a label of {self.coder}", lambda: self.log.add(decisions))
