"""Lives of machines, folded from what was seen of them.

A line of the audit that carries `seen` is a look at a machine, with the cloud's own times. Looks may come late, twice
or from several computers, and some are missing: what is then assumed stands in words beside the life.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from vmops.audit import Line
from vmops.life import GONE, Life, time_of
from vmops.prices import Rates, usd

PARTS = ("machine", "gpu", "disk", "address")


def lives(lines: Iterable[Line]) -> dict[str, list[Life]]:
    """The lives of each name, oldest first."""
    found: dict[str, list[Life]] = {}
    for line in sorted(lines, key=lambda line: line.at):
        seen = line.facts.get("seen")
        if line.machine and isinstance(seen, dict):
            take(found.setdefault(line.machine, []), line.machine, seen, line.at, _rates(line.facts.get("rates")))
    return found


def take(known: list[Life], name: str, seen: Mapping[str, Any], at: float, rates: Rates | None) -> str:
    """Take a look into the lives of a name; what it changed, as an act, or nothing."""
    life, act = known[-1] if known else None, ""
    if life is None or _another(life, seen):
        if seen.get("state") == GONE:
            return ""
        if life is not None and life.deleted is None:
            life.lose(min(at, time_of(seen, "created_at") or at))
        created = time_of(seen, "created_at") or time_of(seen, "started_at") or at
        life, act = Life(name, str(seen.get("id", "")), created), "created"
        known.append(life)
    if seen.get("unseen"):
        life.lose(at)
        return "deleted"
    changed = life.look(seen, at)
    _step(life, rates, _since(life, changed, at))
    return act or changed


def _another(life: Life, seen: Mapping[str, Any]) -> bool:
    other = str(seen.get("id", ""))
    if other and life.id:
        return other != life.id
    return life.deleted is not None and seen.get("state") != GONE


def _since(life: Life, act: str, at: float) -> float:
    """Prices of a look at a start hold from that start on, others from the look on."""
    return life.sessions[-1].start if act == "started" else at


def _step(life: Life, rates: Rates | None, since: float) -> None:
    if rates is None or (life.steps and life.rates(since) == rates):
        return
    life.steps = sorted(
        [*((at, old) for at, old in life.steps if at != since), (since, rates)], key=lambda step: step[0]
    )


def _rates(raw: Any) -> Rates | None:
    if not isinstance(raw, dict):
        return None
    return _read(*(str(raw.get(name, "")) for name in (*PARTS, "date")))


@lru_cache(maxsize=1024)
def _read(machine: str, gpu: str, disk: str, address: str, date: str) -> Rates:
    """The same prices stand in many lines."""
    return Rates(usd(machine), usd(gpu), usd(disk), usd(address), date)
