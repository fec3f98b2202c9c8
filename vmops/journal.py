"""What was asked of a cloud, on the disk before it is asked: who is killed in between leaves word to the next."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from vmops import durable
from vmops.errors import OutsideError

WANTED = {"create": "running", "start": "running", "stop": "stopped", "delete": "deleted"}
UNASKED = "it was never asked of the cloud, because who wanted it was killed before: ask again"


@dataclass(frozen=True)
class Entry:
    """The newest act on a machine, and how far it has come."""

    name: str
    act: str  # create, start, stop, delete
    ask: str  # one for the whole act; a machine that it made bears this as a label
    asked_at: float
    kind: str = ""
    zone: str = ""  # in which it is tried now
    request: str = ""  # the id under which the cloud knows this try: asked twice, it is done once
    operation: str = ""  # the cloud's name for it, once that is known
    tried: tuple[str, ...] = ()  # zones that had none left
    over: bool = False
    error: str = ""

    @property
    def wanted(self) -> str:
        """What the machine should be; empty where nobody knows, as after an act that was never asked for."""
        return "" if self.over and self.error == UNASKED else WANTED.get(self.act, "")


class Journal:
    """The newest act on each machine: a file a machine, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def alone(self, name: str, waits: Callable[[], None]) -> AbstractContextManager[None]:
        """Keep every other process off a machine for the length of an act."""
        return durable.locked(self.folder / f".{name}.lock", waits)

    def read(self, name: str) -> Entry | None:
        """The newest act on a machine; None where there was none, or nobody can read it."""
        return _entry(durable.read(self._file(name)))

    def everything(self) -> dict[str, Entry]:
        """The newest act on every machine that was ever asked for here."""
        try:
            names = sorted(name for name in os.listdir(self.folder) if name.endswith(".json") and name[0] != ".")
        except FileNotFoundError:
            return {}
        found = (self.read(name.removesuffix(".json")) for name in names)
        return {entry.name: entry for entry in found if entry}

    def begin(self, name: str, act: str, *, kind: str = "", zone: str = "") -> Entry:
        """A new act, on the disk before anything is asked."""
        return self.write(
            Entry(name, act, uuid.uuid4().hex, time.time(), kind=kind, zone=zone, request=str(uuid.uuid4()))
        )

    def write(self, entry: Entry, **changes: Any) -> Entry:
        """How far it has come.

        Raises:
            DiskFull, Denied, Unavailable: it cannot be written, so what would follow is not to be asked for.
        """
        entry = replace(entry, **changes)
        try:
            durable.write(self._file(entry.name), asdict(entry))
        except OSError as error:
            raise durable.trouble(error, self._file(entry.name)) from None
        return entry

    def spending(self, waits: Callable[[], None]) -> AbstractContextManager[None]:
        """Keep every other process from asking for what costs, between a look at the budget and word of the act."""
        return durable.locked(self.folder / ".budget.lock", waits)

    def next_try(self, entry: Entry, zone: str) -> Entry:
        """The same act once more, in a zone: another question to the cloud, so with another id."""
        return self.write(entry, zone=zone, request=str(uuid.uuid4()), operation="")

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.json"


class Unfailing(Journal):
    """A journal for an act that no disk of this computer may prevent: what cannot be written is said instead."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        super().__init__(folder)
        self._say = say

    def write(self, entry: Entry, **changes: Any) -> Entry:
        """How far it has come, written or not."""
        try:
            return super().write(entry, **changes)
        except OutsideError as error:
            self._say(f"goes on, though it is not written down: {error.message}")
            return replace(entry, **changes)


def _entry(value: dict[str, Any]) -> Entry | None:
    known = {field.name for field in fields(Entry)}
    try:
        return Entry(**{**{key: value[key] for key in value if key in known}, "tried": tuple(value.get("tried", ()))})
    except TypeError:
        return None
