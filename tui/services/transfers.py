"""What is brought to a bucket or from it, or removed there: planned, done with progress, and given up at any moment.

Each goes on in a process of its own, so that giving up is its end. Whatever is killed there leaves whole files and
whole objects, and the same once more goes on where it stood.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from engine import machines
from engine.errors import AskError, FootplateError
from engine.words import size
from engine.workspace import home
from tui.services import bucket
from tui.services.bucket import Say
from tui.services.gate import Gate
from tui.services.machines import desks

SAVED = "saved"
NAMED = 5  # names that a plan tells before it only counts the rest
Act = Literal["get", "put", "rm", "up", "down"]
GIVEN_UP = "given up; what was done stays, and the same once more goes on from there"


@dataclass(frozen=True)
class Wish:
    """What somebody wants: an act, where in the bucket, on which objects and folders there, with which place here."""

    act: Act
    url: str
    names: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    here: str = ""
    size_bytes: int = 0  # of the objects, as they were listed

    @property
    def verb(self) -> str:
        """The command that does the same."""
        there = [f"{self.url.rstrip('/')}/{name}" for name in (*self.names, *self.prefixes)]
        match self.act:
            case "up":
                return _verb("sync", self.here, *there)
            case "down":
                return _verb("sync", *there, self.here)
            case "rm":
                return _verb("rm", *(["-r"] if self.prefixes else []), *there)
        return _verb(self.act, *([self.here, *there] if self.act == "put" else [*there, self.here]))


@dataclass(frozen=True)
class Plan:
    """What a wish would do, in lines for people; `entries` are the objects as they were seen, for a removal."""

    wish: Wish
    lines: tuple[str, ...]
    nothing: bool = False  # whether there is nothing to be done
    entries: tuple[tuple[str, int], ...] = ()


def plan(gate: Gate, wish: Wish, say: Say) -> Plan:
    """What a wish would do; nothing is changed.

    Raises:
        FootplateError: it cannot be done, or nobody can tell.
    """
    ask = partial(bucket.ask, gate, url=wish.url, say=say)
    if wish.act == "rm":
        found = ask("bucket_below", names=wish.names, prefixes=wish.prefixes)
        entries = tuple((str(name), int(generation)) for name, generation in found["entries"])
        lines = [f"{len(entries):,} objects, {size(found['size'])}", *_some([name for name, _ in entries])]
        return Plan(wish, tuple(lines), not entries, entries)
    if wish.act in ("up", "down"):
        found = ask("bucket_plan", way=wish.act, folder=_here(gate, wish), prefix=wish.prefixes[0])
        return Plan(wish, tuple(_synced(found, "would be ")), not found["copied"])
    if wish.act == "put" and not Path(_here(gate, wish)).is_file():
        raise AskError(f"{wish.here}: no such file or folder on this machine")
    known = [f"{len(wish.names):,} files, {size(wish.size_bytes)}"] if wish.act == "get" else []
    return Plan(wish, tuple(known))


class Transfer:
    """A plan that is carried out; `give_up` may be called from any thread."""

    def __init__(self, gate: Gate, plan: Plan) -> None:
        self._gate, self._plan, self._desk = gate, plan, desks.another(gate)
        self.given_up = False

    def run(self, say: Say) -> str:
        """Do it; in words what was done.

        Raises:
            FootplateError: it was not done, or only in part.
        """
        self._gate.ends.append(self.give_up)
        try:
            return self._gate.change(self._plan.wish.verb, partial(self._do, say))
        finally:
            self._gate.ends.remove(self.give_up)
            self._desk.close()

    def give_up(self) -> None:
        """End it where it stands."""
        self.given_up = True
        self._desk.close()

    def _do(self, say: Say) -> str:
        try:
            with machines.explained():
                return GIVEN_UP if self.given_up else "\n".join(self._done(self._plan.wish, say))
        except FootplateError:
            if self.given_up:  # its process is gone because we ended it
                return GIVEN_UP
            raise

    def _done(self, wish: Wish, say: Say) -> Sequence[str]:
        here, url = _here(self._gate, wish), bucket.whole(self._gate, wish.url)
        ask = partial(self._desk.ask, say=say, url=url)
        match wish.act:
            case "rm":
                found = ask("bucket_remove", entries=[[*entry] for entry in self._plan.entries])
                return [f"{found['deleted']:,} objects are deleted", *_left(found)]
            case "put":
                name = wish.names[0]
                ask("bucket_put", path=str(Path(here).resolve()), name=name)
                return [f"{wish.here} is {name} now"]
            case "get":
                found = ask("bucket_pull", names=wish.names, folder=here)
                return [f"{found['copied']:,} of {len(wish.names):,} written to {here}, {size(found['size_bytes'])}",
                        *_left(found)]  # fmt: skip
        return _synced(ask("bucket_sync", way=wish.act, folder=here, prefix=wish.prefixes[0]), "")


def uploaded(gate: Gate, url: str, prefix: str, path: str) -> Wish:
    """A file or a folder of this machine, as what it would be below a prefix.

    Raises:
        AskError: there is neither.
    """
    source = gate.workspace.root / home(Path(path))
    if source.is_dir():
        return Wish("up", url, prefixes=(f"{prefix}{source.resolve().name}/",), here=str(source))
    if not source.is_file():
        raise AskError(f"{source}: no such file or folder on this machine")
    return Wish("put", url, names=(f"{prefix}{source.name}",), here=str(source))


def downloaded(url: str, names: Sequence[str], prefixes: Sequence[str], size_bytes: int) -> list[Wish]:
    """Objects of so many bytes, and folders with all that is in them, in the workspace's saved/."""
    whole = [Wish("down", url, prefixes=(one,), here=f"{SAVED}/{one.rstrip('/').rpartition('/')[2]}")
             for one in prefixes]  # fmt: skip
    return [*([Wish("get", url, tuple(names), here=SAVED, size_bytes=size_bytes)] if names else []), *whole]


def turned(wish: Wish) -> Wish:
    """The same two, the other way round."""
    return replace(wish, act="down" if wish.act == "up" else "up")


def _here(gate: Gate, wish: Wish) -> str:
    return str(gate.workspace.root / home(Path(wish.here)))


def _synced(found: Mapping[str, Any], would: str) -> list[str]:
    told = f"{found['copied']:,} files {would}copied ({size(found['size_bytes'])}), {found['same']:,} are the same"
    return [told, *_left(found)]


def _left(found: Mapping[str, Any]) -> list[str]:
    """What somebody should look at, by name as far as there is room."""
    lines = [f"{name}: {became}: {why}" for name, became, why in found["named"][:NAMED]]
    more = int(found["left"]) - len(lines)
    return [*lines, *([f"and {more:,} more"] if more > 0 else [])]


def _some(names: Sequence[str]) -> list[str]:
    more = len(names) - NAMED
    return [*(f"  {name}" for name in names[:NAMED]), *([f"  and {more:,} more"] if more > 0 else [])]


def _verb(*words: str) -> str:
    return shlex.join(["footplate", "bucket", *words])
