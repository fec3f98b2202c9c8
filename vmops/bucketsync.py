"""A folder here and a part of a bucket, brought together one way: nothing is lost, nothing is deleted unasked.

What changed on one side only since the last time is copied in the direction that was asked, or kept where it is newer
there. What changed on both is a conflict: it is named, and both stay. A killed sync goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from vmops.bucket import Bucket, Entry
from vmops.errors import OutsideError
from vmops.files import explained
from vmops.parallel import in_order_of_arrival
from vmops.storage import ABSENT
from vmops.syncmemory import Common, Memory
from vmops.syncpairs import Pair, Way, looks, paired
from vmops.syncprogress import Progress

Deleting = Callable[[str], AbstractContextManager[None]]
Became = Literal["copied", "same", "kept", "conflict", "failed", "refused", "skipped", "deleted"]
COUNTED = ("copied", "same", "deleted")
ALARMING = ("conflict", "failed", "refused")
AT_ONCE = {"up": 16, "down": 64}
CONFLICT = "both have changed since they were last the same: both are kept"
DIFFER = "it is another one there, and nobody knows which is newer: both are kept"


@dataclass(frozen=True)
class Outcome:
    """What became of one name, and why."""

    name: str
    became: Became
    why: str = ""
    size_bytes: int = 0
    common: Common | None = None


@dataclass
class Told:
    """What a sync did, in counts and in names of what somebody should look at."""

    copied: int = 0
    size_bytes: int = 0
    same: int = 0
    deleted: int = 0
    named: list[Outcome] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether the two are now the same, but for what was kept on purpose."""
        return not any(one.became in ALARMING for one in self.named)

    def add(self, one: Outcome) -> None:
        """Count one more."""
        if one.became in COUNTED:
            setattr(self, one.became, getattr(self, one.became) + 1)
            self.size_bytes += one.size_bytes if one.became == "copied" else 0
        else:
            self.named.append(one)

    def leave(self, name: str, why: str, harmless: bool) -> None:
        """Name what cannot be on the other side."""
        self.add(Outcome(name, "skipped" if harmless else "refused", why))


class Sync:
    """One way of bringing a folder and the objects below a prefix together; a prefix ends in a slash, or is empty."""

    def __init__(
        self,
        folder: Path,
        bucket: Bucket,
        way: Way,
        prefix: str = "",
        *,
        delete: bool = False,
        overwrite: bool = False,
        say: Callable[[str], None] = lambda words: None,
    ) -> None:
        self._folder, self._bucket, self._way, self._prefix = folder, bucket, way, prefix
        self._delete, self._overwrite, self._say = delete, overwrite, say
        self._progress, self._dry = Progress(say), False

    def run(self, deleting: Deleting = lambda name: nullcontext()) -> Told:
        """Do it; `deleting` surrounds the removal of each name."""
        told = Told()
        with explained(str(self._folder)), self._memory() as memory:
            pairs = [pair for pair in self._pairs(memory, told) if self._delete or not pair.is_extra(self._way)]
            self._progress.begin(len(pairs))
            for one in in_order_of_arrival(lambda pair: self._safely(pair, deleting), pairs, AT_ONCE[self._way]):
                told.add(one)
                self._remember(one, memory)
                self._progress.arrived(told.copied, told.size_bytes)
        return told

    def would(self) -> Told:
        """What `run` would do, without doing it."""
        self._dry = True
        try:
            return self.run()
        finally:
            self._dry = False

    def extra(self) -> list[str]:
        """What `delete` would remove: names that only the target has."""
        with explained(str(self._folder)), self._memory() as memory:
            return [pair.name for pair in self._pairs(memory, Told()) if pair.is_extra(self._way)]

    def _memory(self) -> Memory:
        return Memory(self._folder, f"{self._bucket.url}/{self._prefix}")

    def _pairs(self, memory: Memory, told: Told) -> list[Pair]:
        return paired(self._folder, self._bucket, self._prefix, self._way, memory.known, told.leave, self._say)

    def _remember(self, one: Outcome, memory: Memory) -> None:
        if one.became in COUNTED and not self._dry and one.common != memory.known.get(one.name):
            memory.keep(one.name, one.common)

    def _safely(self, pair: Pair, deleting: Deleting) -> Outcome:
        try:
            with explained(str(self._folder / pair.name)):
                return self._removed(pair, deleting) if pair.is_extra(self._way) else self._brought(pair)
        except OutsideError as error:
            return Outcome(pair.name, "failed", f"{error.message} ({error.hint})" if error.hint else error.message)

    def _brought(self, pair: Pair) -> Outcome:
        if not (pair.here and pair.there):
            return self._copied(pair)
        here, there = pair.changed
        if not here and not there:
            return Outcome(pair.name, "same", common=pair.before)
        if pair.here.size_bytes == pair.there.size_bytes and self._bucket.same(pair.there, self._folder / pair.name):
            return Outcome(pair.name, "same", common=_common(pair.here, pair.there))
        source, target = (here, there) if self._way == "up" else (there, here)
        if self._overwrite or not target:
            return self._copied(pair)
        if source:
            return Outcome(pair.name, "conflict", CONFLICT if pair.before else DIFFER)
        where = "there" if self._way == "up" else "here"
        return Outcome(pair.name, "kept", f"it was changed {where} since the last sync: the other way takes it")

    def _copied(self, pair: Pair) -> Outcome:
        if self._dry:
            return Outcome(pair.name, "copied", "", pair.size_bytes(self._way))
        return self._up(pair) if self._way == "up" else self._down(pair)

    def _up(self, pair: Pair) -> Outcome:
        assert pair.here
        path, before = self._folder / pair.name, pair.there.generation if pair.there else ABSENT
        with self._progress.on_the_way(pair.name) as moved:
            made = self._bucket.push(path, self._prefix + pair.name, if_generation=before, moved=moved)
        if looks(path) != pair.here:
            return Outcome(pair.name, "failed", "it was changed while it was read: sync again")
        return Outcome(pair.name, "copied", "", made.size_bytes, _common(pair.here, made))

    def _down(self, pair: Pair) -> Outcome:
        assert pair.there
        path = self._folder / pair.name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.parent.resolve().is_relative_to(self._folder.resolve()) or path.is_symlink():
            return Outcome(pair.name, "refused", "a link leads elsewhere from here")
        if looks(path) != pair.here:
            return Outcome(pair.name, "failed", "it was changed while it was looked at: sync again")
        with self._progress.on_the_way(pair.name) as moved:
            self._bucket.pull(pair.there, path, moved)
        now = looks(path)
        return Outcome(pair.name, "copied", "", pair.there.size_bytes, _common(now, pair.there) if now else None)

    def _removed(self, pair: Pair, deleting: Deleting) -> Outcome:
        if self._dry:
            return Outcome(pair.name, "deleted")
        with deleting(pair.name):
            if pair.there and self._way == "up":
                self._bucket.delete(pair.there.name, if_generation=pair.there.generation)
            else:
                (self._folder / pair.name).unlink()
        return Outcome(pair.name, "deleted")


def _common(here: Common, there: Entry) -> Common:
    return Common(here.size_bytes, here.changed_ns, there.generation)
