"""Which frame a coder sees next: pure functions, the same on every machine, unlike for every other coder.

What holds, and what gives way to what:

1. Each unit has a key, md5 of coder and salt and then of the unit. Keys know nothing of other units: `order` by key is
   the same at every start and on every machine, and frames that are added never change the order of the others.
2. No order can have that and keep frames of a video apart whatever is added or taken away: of two frames of a video
   one comes first, and in a study that holds nothing of what stands between them they are neighbours. So the keys are
   what is wished for, and `plan` is a walk over what is still unseen: the first unit by (tier, key) whose video was not
   shown in the last four places. Frames of one video keep their order by key within a tier; what was seen is never
   moved nor shown again; what is added is woven in from here on. With 40 videos of 10 frames none stands further than 7
   places from where its key has it, and a video that is added changes the order of 1 in 4,000 pairs of the others.
3. Tiers: frames that the last round asks for share the first with as many of the overlap, so nobody can tell which is
   which and neither buries the other; then the rest of the overlap; then those that are this coder's alone. Room
   between frames of a video goes before tiers.
4. The overlap are the units with the lowest md5 of salt and unit: a frame that is added can push out one at most.
5. Every other unit belongs to the coder for whom md5 of salt, coder and unit is highest. A coder who joins takes an
   equal part from each of the others, and nothing moves between these; one who leaves gives his or hers to all. What
   another coder has begun is not asked for again. Where workspace.yaml names no coders, everybody is asked everything.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from engine.annotations.decision import Unit
from engine.annotations.keys import Keys
from engine.annotations.spread import APART, Spread
from engine.errors import AskError

RECODE_AFTER = 10  # places between a blank and its second chance, where there are so many
REPEAT_SHARE = 0.05
REPEAT_AFTER = 50  # places between a frame and its hidden repeat, and up to as many more
REPEAT_LEAST = 10  # at the end of the queue, where there are no so many


class Item(NamedTuple):
    """A place in a coder's queue; `kind` is code, recode or repeat and must not be seen by the coder."""

    unit: Unit
    kind: str
    position: int


@dataclass(frozen=True)
class Study:
    """What of the workspace decides on queues."""

    salt: str
    coders: tuple[str, ...]
    overlap: int


@dataclass(frozen=True)
class Past:
    """What a coder has done, and what others did.

    Attributes:
        shown: the coder's units with their kind, in the order in which each was first finished.
        blank: those whose newest code of some variable is a blank that nobody asked again for.
        others: units that another coder has begun.
    """

    shown: Sequence[tuple[Unit, str]] = ()
    blank: Collection[Unit] = ()
    others: Set[Unit] = frozenset()


def order(coder: str, salt: str, units: Iterable[Unit]) -> list[Unit]:
    """Units by the coder's keys."""
    keys = Keys(Keys(coder, salt).hex())
    return sorted(units, key=lambda unit: (keys.of(unit), unit))


def overlap(salt: str, units: Iterable[Unit], count: int) -> frozenset[Unit]:
    """The units that go to every coder."""
    keys = Keys(salt, "overlap")
    return frozenset(heapq.nsmallest(count, units, key=lambda unit: (keys.of(unit), unit)))


def owners(study: Study, units: Iterable[Unit]) -> dict[Unit, str]:
    """The one coder of each unit outside the overlap."""
    keys = [(coder, Keys(study.salt, "owner", coder)) for coder in study.coders]
    return {unit: max((key.of(unit), coder) for coder, key in keys)[1] for unit in units}


def asked(
    coder: str, study: Study, units: Sequence[Unit], active: Collection[Unit] = (), without: Set[Unit] = frozenset()
) -> list[Unit]:
    """What a coder is asked at all, the most wanted first, `without` what is left out.

    Raises:
        AskError: workspace.yaml names the coders, and not this one.
    """
    if study.coders and coder not in study.coders:
        raise AskError(
            f"workspace.yaml: coders does not name {coder!r}",
            hint=f"add it there, or be one of: {', '.join(study.coders)}",
        )
    left, first = {*units, *active} - without, frozenset(active)
    shared = overlap(study.salt, units, study.overlap)
    belongs = owners(study, left - shared) if study.coders else {}
    mine = order(coder, study.salt, (unit for unit in left if belongs.get(unit, coder) == coder))
    wanted = sum(unit in first for unit in mine)
    beside = set(islice((unit for unit in mine if unit in shared and unit not in first), wanted))
    return sorted(mine, key=lambda unit: 0 if unit in first or unit in beside else 1 if unit in shared else 2)


def plan(
    coder: str, study: Study, units: Sequence[Unit], past: Past = Past(), active: Collection[Unit] = ()
) -> list[Item]:
    """The coder's whole queue: what was shown, in that order, and then what is still to come.

    The first place that is still to come is `len(past.shown)`.
    """
    done = {unit for unit, kind in past.shown if kind == "code"}
    taken = past.others - overlap(study.salt, units, study.overlap) if study.coders else frozenset()
    walk = _Walk(coder, study.salt, past, Spread(asked(coder, study, units, active, done | taken)))
    while walk.step():
        pass
    return walk.items


class _Walk:
    """Places one after another: what is due a second time, else the next that is new."""

    def __init__(self, coder: str, salt: str, past: Past, new: Spread) -> None:
        self._keys, self._new = Keys(Keys(coder, salt, "repeat").hex()), new
        self.items = [Item(unit, kind, place) for place, (unit, kind) in enumerate(past.shown)]
        self._videos = [item.unit.video_id for item in self.items]
        again = {item.unit for item in self.items if item.kind == "repeat"}
        self._due: list[tuple[int, int, Unit, str]] = []  # the place from which on, the place before, what
        for item in self.items:
            if item.kind == "code" and item.unit in past.blank:
                self._due.append((item.position + RECODE_AFTER, item.position, item.unit, "recode"))
            elif item.kind == "code" and item.unit not in again:
                self._repeat(item)

    def step(self) -> bool:
        """Add a place; False where nothing is left."""
        found = self._second() or self._first() or self._late()
        if found is None:
            return False
        self.items.append(Item(*found, len(self.items)))
        self._videos.append(found[0].video_id)
        if found[1] == "code":
            self._repeat(self.items[-1])
        return True

    def _second(self) -> tuple[Unit, str] | None:
        ripe = [due for due in self._due if due[0] <= len(self.items)]
        if not ripe or self._new.tight:
            return None
        fitting = (due for due in sorted(ripe) if self._fits(due[2].video_id))
        return self._pop(due) if (due := next(fitting, None)) else None

    def _fits(self, video: str) -> bool:
        return video not in self._videos[-(APART - 1) :] and self._new.can_wait(video)

    def _first(self) -> tuple[Unit, str] | None:
        unit = self._new.take(self._videos)
        return (unit, "code") if unit else None

    def _late(self) -> tuple[Unit, str] | None:
        """What is left when nothing stands as it should: a second time between frames of one video, then these."""
        here, near = len(self.items), self._videos[-(APART - 1) :]
        left = sorted(due for due in self._due if due[3] == "recode" or here - due[1] >= REPEAT_LEAST)
        if apart := [due for due in left if due[2].video_id not in near]:
            return self._pop(apart[0])
        if unit := self._new.rest(self._videos):
            return unit, "code"
        return self._pop(left[0]) if left else None

    def _pop(self, due: tuple[int, int, Unit, str]) -> tuple[Unit, str]:
        self._due.remove(due)
        return due[2], due[3]

    def _repeat(self, item: Item) -> None:
        chance = int.from_bytes(self._keys.of(item.unit)[:8], "big") / 2**64
        if chance < REPEAT_SHARE:
            later = REPEAT_AFTER + int(chance / REPEAT_SHARE * REPEAT_AFTER)
            self._due.append((item.position + later, item.position, item.unit, "repeat"))
