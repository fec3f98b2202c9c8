"""What a shepherd has to know after it was killed: `shepherd.json` in the run's folder.

Nothing in it is the truth about the machine, which is asked again; it says what is wanted, and what was done already.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from engine.files import read_json, write_json
from engine.records import fitting
from engine.remote.wish import Wish, of_json
from engine.run import Run

FILE = "shepherd.json"


@dataclass(frozen=True)
class Memory:
    """What is wanted of a run's machine, and how far that has come.

    Attributes:
        wish: on which machine; another one than `run.json` says where somebody moved the run.
        attempt: the number of the attempt that is wanted.
        asked: how often somebody has asked for it; tells a new start of the same attempt from an old one.
        begun: the last attempt that is known to have begun there.
        ended: the last attempt of which everything is here.
        boot: of the machine when it was last seen.
        kind: of the machine, should another have to be made.
        code: how the code of the run came to the machine: as a commit, or as files.
        make: the kind of which the machine is to be made, where there is none of its name; else empty.
    """

    wish: Wish
    attempt: int = 1
    asked: int = 1
    begun: int = 0
    ended: int = 0
    boot: str = ""
    kind: str = ""
    code: str = ""
    make: str = ""


def recall(run: Run, wish: Wish | None = None) -> Memory:
    """What was kept; of a run that no shepherd has touched, what its `run.json` wishes, or else somebody does now."""
    raw = read_json(run.folder / FILE)
    wish = of_json(raw.get("wish")) or of_json(run.record().get("machine")) or wish
    if wish is None:
        raise ValueError(f"{run.id} is a run of this host")
    return Memory(wish, **{"make": wish.kind, **fitting(Memory, raw)})


def ask_again(run: Run, wish: Wish, attempt: int) -> None:
    """A further attempt is wanted, on a machine; of earlier ones nothing counts but what they left."""
    known = recall(run, wish)
    before = attempt - 1
    begun, ended = min(known.begun, before), min(known.ended, before)
    keep(run, known, wish=wish, attempt=attempt, asked=known.asked + 1, begun=begun, ended=ended, make=wish.kind)


def keep(run: Run, memory: Memory, **changes: Any) -> Memory:
    """Write what has changed, and return it."""
    now = replace(memory, **changes)
    write_json(run.folder / FILE, asdict(now))
    return now
