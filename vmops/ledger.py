"""What machines cost, from the audit's looks at them: an hour, so far, today, this month, and still to come."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from vmops import audit, bill, lives
from vmops.bill import NOTHING
from vmops.errors import Denied, Unavailable
from vmops.life import ASKED, GONE, Life, when
from vmops.lives import PARTS
from vmops.prices import Prices
from vmops.provider import Machine

News = tuple[str, str, dict[str, Any]]  # of which machine, what, and the facts for the audit
GRACE_S = 120.0  # a list of machines that was asked for before one was created may come after it


@dataclass(frozen=True)
class Cost:
    """What one machine costs, in US dollars."""

    name: str
    state: str
    hourly: Decimal  # now
    so_far: Decimal
    today: Decimal
    month: Decimal
    ahead: Decimal  # until the month's end or until its own limit, if nobody does anything
    parts: dict[str, Decimal]  # so far: machine, gpu, disk, address
    simulated: bool = False
    words: tuple[str, ...] = ()  # what was assumed, what is not known


@dataclass(frozen=True)
class Costs:
    """What all of them cost; where any is real, simulated ones are in no sum."""

    at: float
    machines: tuple[Cost, ...]
    hourly: Decimal
    so_far: Decimal
    today: Decimal
    month: Decimal
    ahead: Decimal
    simulated: bool
    words: tuple[str, ...] = ()


def seen(machine: Machine, prices: Prices) -> dict[str, Any]:
    """What a line of the audit has to carry, so that the machine's time is counted: audit.append(…, **seen(…))."""
    keys = (
        "id", "zone", "kind", "machine_type", "gpu", "gpus", "spot", "disk_gb", "disk_type", "state", "created_at",
        "started_at", "stopped_at", "preempted", "ends_at", "simulated",
    )  # fmt: skip
    rates = asdict(prices.rates(machine, machine.zone))
    texts = {name: None if value is None else str(value) for name, value in rates.items()}
    return {"seen": {key: getattr(machine, key) for key in keys}, "rates": texts}


def observe(folder: Path, machines: Sequence[Machine], prices: Prices, now: float | None = None) -> list[str]:
    """Write down what has changed unseen since the last look, and tell it.

    Where it cannot be written that is told instead: machines can be looked at from a folder that is not ours.

    Args:
        machines: everything that bears our label, and not a part of it: what is missing counts as deleted.
        now: when the list of machines was asked for.
    """
    at = time.time() if now is None else now
    told = []
    for name, act, facts in _news(folder, machines, prices, at):
        try:
            audit.append(folder, "observed", name, what=act, **facts)
            told.append(f"{name}: {act}")
        except (Denied, Unavailable) as error:
            return [*told, f"{name}: {act}, not written down: {error.message}"]
    return told


def _news(folder: Path, machines: Sequence[Machine], prices: Prices, at: float) -> Iterator[News]:
    known = lives.lives(audit.read(folder).lines)
    for machine in machines:
        facts = seen(machine, prices)
        if act := lives.take(known.setdefault(machine.name, []), machine.name, facts["seen"], at, None):
            yield machine.name, act, facts
    for name in _missing(known, machines, at):
        yield name, "deleted", {"seen": {"unseen": True, "state": GONE}}


def reprice(folder: Path, prices: Prices) -> None:
    """From now on these prices hold for every machine that is there."""
    for name, found in lives.lives(audit.read(folder).lines).items():
        if found and found[-1].deleted is None and (shape := _shape(found[-1])):
            facts = seen(shape, prices)
            audit.append(folder, "priced", name, **facts)


def cost(folder: Path, machines: Sequence[Machine] | None, prices: Prices, now: float | None = None) -> Costs:
    """What everything costs; `machines` is what the cloud tells now, None where it was not asked."""
    at = time.time() if now is None else now
    record = audit.read(folder)
    known = lives.lives(record.lines)
    for machine in machines or ():
        if machine.state == ASKED:
            continue  # it is not there, and costs nothing
        facts = seen(machine, prices)
        lives.take(
            known.setdefault(machine.name, []), machine.name, facts["seen"], at, prices.rates(machine, machine.zone)
        )
    if machines is not None:
        for name in _missing(known, machines, at):
            known[name][-1].lose(at)
    every = [life for name in sorted(known) for life in known[name]]
    return _summed([_cost(life, at, machines is None) for life in every], at, record.damaged)


def _missing(known: dict[str, list[Life]], machines: Sequence[Machine], at: float) -> list[str]:
    """Names of machines that were there, and are in the cloud's list no more."""
    there = {machine.name for machine in machines}
    last = {name: found[-1] for name, found in known.items() if found and name not in there}
    return [name for name, life in last.items() if life.deleted is None and life.seen_at < at - GRACE_S]


def _shape(life: Life) -> Machine | None:
    """The machine of the last look, as far as prices need it."""
    names = Machine.__dataclass_fields__
    kept = {key: value for key, value in life.seen.items() if key in names and value is not None}
    return Machine(**{"kind": "", "zone": "", "state": life.state, **kept, "name": life.name}) if kept else None


def _cost(life: Life, now: float, blind: bool) -> Cost:
    limit = life.ends_at
    words = list(life.words)
    if limit is not None and limit < now:
        words.append(
            f"counted until its limit at {when(limit)}: the cloud ends it then; last looked at {when(life.seen_at)}"
        )
    elif blind and life.running:
        words.append(f"last looked at {when(life.seen_at)}, when it ran: counted as running since")
    rates = life.rates(now)
    if unknown := rates.unknown():
        words.append(f"no price known for its {', '.join(unknown)}: not counted (footplate vm prices --refresh FILE)")
    day, month, month_end = bill.day_of(now), *bill.month_of(now)
    parts = {part: bill.spent(life, part, 0, now) for part in PARTS}
    return Cost(
        name=life.name,
        state=life.state,
        hourly=bill.hourly(life, rates, now),
        so_far=sum(parts.values(), NOTHING),
        today=bill.total(life, day, now),
        month=bill.total(life, month, now),
        ahead=bill.ahead(life, rates, now, month_end),
        parts=parts,
        simulated=life.simulated,
        words=tuple(words),
    )


def _summed(found: list[Cost], at: float, damaged: Iterable[str]) -> Costs:
    real = [one for one in found if not one.simulated]
    counted = real or found
    words = list(damaged)
    if real and len(real) < len(found):
        words.append(f"{len(found) - len(real)} simulated machines cost nothing and are in no sum")
    sums = {
        key: sum((getattr(one, key) for one in counted), NOTHING)
        for key in ("hourly", "so_far", "today", "month", "ahead")
    }
    return Costs(at=at, machines=tuple(found), simulated=bool(found) and not real, words=tuple(words), **sums)


def to_json(costs: Costs) -> dict[str, Any]:
    """For programs: dollars as numbers with six digits after the point."""
    whole: dict[str, Any] = _plain(asdict(costs))
    return whole


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return round(float(value), 6)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
