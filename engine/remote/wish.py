"""What somebody wishes of the machine of a run: which one, and what becomes of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.errors import AskError
from engine.records import fitting
from vmops import naming
from vmops.errors import Refused

THENS = ("keep", "stop", "delete")


@dataclass(frozen=True)
class Wish:
    """A machine by its name in `configs/machines.yaml` or in the cloud.

    Attributes:
        then: what becomes of the machine when the run has ended and all of it is here.
        keep_alive: whether a run whose machine was taken away goes on by itself, as soon as there is one again.
        uncommitted: whether code may be sent that no commit holds.
        kind: of which the machine is made where there is none of its name; empty: it has to be there.
    """

    name: str
    then: str = "keep"
    keep_alive: bool = False
    uncommitted: bool = False
    kind: str = ""

    def to_json(self) -> dict[str, Any]:
        """As `run.json` holds it."""
        return asdict(self)


def checked(wish: Wish) -> Wish:
    """The same, if it can be meant; AskError where not."""
    try:
        naming.machine(wish.name)
    except Refused as refused:
        raise AskError(f"--on: {refused.message}", hint=refused.hint) from None
    if wish.then not in THENS:
        raise AskError(f"--then {wish.then!r}", hint=f"expected one of {', '.join(THENS)}")
    return wish


def of_json(raw: Any) -> Wish | None:
    """A wish as `run.json` holds it; None for a run of this host."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("name"), str):
        return None
    return Wish(**fitting(Wish, raw))
