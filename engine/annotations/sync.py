"""Brings the local log and the bucket's together: the bucket first, a union by key, and nobody's labels lost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from engine.annotations import bucket, syncstate
from engine.annotations.importing import import_bytes, rules
from engine.annotations.log import Log
from engine.annotations.reading import Rejected, Rules
from engine.annotations.table import rows, text
from engine.errors import DataError
from engine.workspace import Workspace
from vmops.errors import Conflict, OutsideError, Unavailable
from vmops.storage import Store

TRIES = 4  # of a bucket that cannot be reached now
ROUNDS = 30  # of a bucket into which others write
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 4.0
NO_BUCKET = "workspace.yaml names no bucket: labels are in this workspace only"
T = TypeVar("T")


@dataclass(frozen=True)
class Synced:
    """Where labels come from.

    Attributes:
        source: bucket where it was read; local where only the copy here could be.
        why: what could not be done, in words; empty where all went well.
        pulled: decisions that were new here.
        pushed: decisions that were new to the bucket.
        rejected: lines of the bucket that cannot be read; they stay there.
        notes: what is worth knowing besides.
    """

    source: Literal["bucket", "local"]
    why: str = ""
    pulled: int = 0
    pushed: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def pull(workspace: Workspace, log: Log) -> Synced:
    """Take what the bucket has; nothing is written there."""
    return _begun(workspace, log, push=False)


def sync(workspace: Workspace, log: Log) -> Synced:
    """Take what the bucket has, and give it what is only here."""
    return _begun(workspace, log, push=True)


def _begun(workspace: Workspace, log: Log, *, push: bool) -> Synced:
    named = workspace.settings.bucket
    if named is None:
        return Synced("local", NO_BUCKET)
    try:
        there = bucket.store(named, workspace.root)
    except OutsideError as error:
        return _local(error)
    one = Sync(log, there, rules(workspace, time.time()))
    told = one.run(push=push)
    if push:
        syncstate.keep(workspace, one.version, one.generation, told.why, len(told.rejected))
    return told


class Sync:
    """One coming together of a log and a bucket."""

    def __init__(self, log: Log, there: Store, held_against: Rules, pause_s: float = FIRST_PAUSE_S) -> None:
        self._log, self._there, self._rules, self._pause_s = log, there, held_against, pause_s
        self._pulled = self._pushed = 0
        self.version = self.generation = 0  # of the log here and of the bucket's, when they were last the same
        self._was_read = False
        self._rejected: dict[Rejected, None] = {}  # what is read again is named once
        self._notes: dict[str, None] = {}

    def run(self, *, push: bool = True) -> Synced:
        """Pull, and push where that is wanted; what cannot be reached is said and not raised."""
        why = ""
        try:
            if push:
                why = self._pushing()
            else:
                self._patiently(self._pull)
        except OutsideError as error:
            if not self._was_read:
                return _local(error)
            why = f"read, but not written: {_words(error)}"
        return Synced("bucket", why, self._pulled, self._pushed, list(self._rejected), list(self._notes))

    def _pushing(self) -> str:
        for turn in range(ROUNDS):
            try:
                self._patiently(self._push)
            except Conflict:  # somebody else was quicker: take theirs, and try again
                # One object takes a write a second, so the more there are who wait, the longer each has to.
                time.sleep(random.uniform(0, min(self._pause_s * 1.3**turn, LONGEST_PAUSE_S)))
            else:
                return ""
        return f"others kept writing to the bucket, {ROUNDS} times: what is only here was not pushed; sync again"

    def _pull(self) -> bucket.Lines:
        found, tables = bucket.log(self._there, self._log.keys()), list[tuple[str, bytes]]()
        if not found.data and (tables := list(bucket.tables(self._there))):
            found = bucket.log(
                self._there, self._log.keys()
            )  # a log that has come meanwhile is what they were made from
        self._rejected |= dict.fromkeys(found.rejected)
        self._pulled += self._log.merge(found.new)
        for name, data in tables if not found.data else ():
            self._take(name, data)
        self._was_read = True
        return found

    def _take(self, name: str, data: bytes) -> None:
        """A table in a bucket that has no log yet."""
        before = self._log.version()
        try:
            told = import_bytes(data, name, self._log, self._rules)
        except DataError as error:
            self._notes[f"{error.message}: left as it is"] = None
            return
        self._pulled += self._log.version() - before
        self._rejected |= {Rejected(line, f"{name}: {reason}"): None for line, reason in told.rejected}
        self._notes |= {f"{name}: {note}": None for note in told.notes}

    def _push(self) -> None:
        table = bucket.table(self._there)  # first, so that the one written below is never older than another's
        found = self._pull()
        self.version, self.generation = self._log.version(), found.generation
        here = self._log.keys() - found.keys
        missing = [one for one in self._log.history() if one.key in here] if here else []
        if table.data and not found.data:
            self._notes[f"{bucket.TABLE} as it was is kept as {bucket.keep(self._there, table.data)}"] = None
        if missing:
            self.generation = bucket.append(self._there, found, missing)
            self._pushed += len(missing)
        variables = list(self._rules.codebook)
        new = text(rows(self._log, variables), variables).encode()
        if new != table.data and (missing or found.data):
            self._there.write(bucket.TABLE, new, if_generation=table.generation)

    def _patiently(self, do: Callable[[], T]) -> T:
        """What `do` returns, tried again while the bucket cannot be reached."""
        for attempt in range(TRIES):
            try:
                return do()
            except Unavailable:
                if attempt == TRIES - 1:
                    raise
                time.sleep(random.uniform(0.5, 1) * self._pause_s * 3**attempt)
        raise AssertionError("the last attempt returns or raises")


def _local(error: OutsideError) -> Synced:
    return Synced("local", f"the bucket could not be read, the labels of this workspace were taken: {_words(error)}")


def _words(error: OutsideError) -> str:
    return f"{error.message} ({error.hint})" if error.hint else error.message
