"""What the screens ask about machines; whoever speaks with the cloud does so in a process of its own."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from engine import machines
from engine.errors import FootplateError
from engine.locks import held
from tui.services.gate import Gate
from vmops import audit, budget, ledger, prices
from vmops.desk import Desk
from vmops.errors import Denied, OutsideError, Refused, Unavailable
from vmops.journal import Journal
from vmops.provider import Call, Kind, Machine, Orphan
from vmops.settings import Fixed, Settings
from vmops.watched import Watched

ACTS = 200  # lines of the audit that are shown
SUMS = ("hourly", "so_far", "today", "month", "ahead")
NO_ANSWER = ": no answer"  # of a call to which nothing came back
AWAY = "the cloud does not answer"
Marks = tuple[int, ...]


@dataclass(frozen=True)
class Bill:
    """What something costs, in US dollars: an hour now, in all, today, this month, and until its end."""

    hourly: float = 0.0
    so_far: float = 0.0
    today: float = 0.0
    month: float = 0.0
    ahead: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict)
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """Machines as they stand, what they cost, what was done to them; or why nobody can tell."""

    machines: tuple[Machine, ...] = ()
    hosts: tuple[Fixed, ...] = ()  # where there is only ssh
    kinds: tuple[Kind, ...] = ()
    bills: Mapping[str, Bill] = field(default_factory=dict)
    kinds_usd: Mapping[str, float | None] = field(default_factory=dict)  # an hour of each kind, in the first zone
    running_usd: Mapping[str, float | None] = field(default_factory=dict)  # an hour of each while it runs
    total: Bill = Bill()
    budget_usd: float | None = None
    warning: str = ""  # of the budget
    acts: tuple[audit.Line, ...] = ()  # newest first
    pending: tuple[str, ...] = ()  # acts that somebody asked for, and of which nobody knows that they are over
    simulated: bool = False
    trouble: str = ""
    advice: str = ""
    rests: bool = False  # whether asking again is of no use until somebody does something
    marks: Marks = ()  # of the settings with which it was asked
    at: float = field(default=0.0, compare=False)  # when it stood so, in seconds since 1970


class Desks:
    """The desk of each gate: opened when first needed, again when the settings are others, closed with the gate."""

    def __init__(self) -> None:
        self._open: WeakKeyDictionary[Gate, tuple[Marks, Desk, Settings]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def at(self, gate: Gate, *, settled: bool = True) -> tuple[Desk, Settings]:
        """The desk, and what it was opened with; called in a thread. A bucket needs nobody to have settled machines."""
        marks = settled_at(gate)
        with self._lock:
            known = self._open.get(gate)
            if known is None or known[0] != marks:
                settings = machines.settings(gate.workspace) if settled or marks else Settings()
                if known is None:
                    gate.ends.append(partial(self.close, gate))
                else:
                    known[1].close()
                known = marks, Desk(settings, _folder(gate), partial(heard, gate)), settings
                self._open[gate] = known
        return known[1], known[2]

    def another(self, gate: Gate) -> Desk:
        """One that is the asker's alone, to be closed by it: for what somebody may give up."""
        marks = settled_at(gate)
        settings = machines.settings(gate.workspace) if marks else Settings()
        return Desk(settings, _folder(gate), partial(heard, gate))

    def close(self, gate: Gate) -> None:
        """End the process behind it; what it was in the middle of stands in the journal, to be adopted."""
        with self._lock:
            known = self._open.pop(gate, None)
        if known is not None:
            known[1].close()


desks = Desks()


def _folder(gate: Gate) -> Path:
    """Where the process keeps its books; of who only looks, a copy that is thrown away."""
    if not gate.closed:
        return gate.workspace.machines
    aside = Path(tempfile.mkdtemp(prefix="footplate-machines-"))
    if gate.workspace.machines.is_dir():
        shutil.copytree(gate.workspace.machines, aside, dirs_exist_ok=True)
    gate.ends.append(partial(shutil.rmtree, aside, ignore_errors=True))
    return aside


def heard(gate: Gate, call: Call) -> None:
    """A question to the cloud is a line of the command log."""
    if not call.ok and NO_ANSWER in call.said:
        _silent.add(gate)
    else:
        _silent.discard(gate)
    gate.told(call.what, call.seconds, call.said, ok=call.ok)


_silent: WeakSet[Gate] = WeakSet()


def silent(gate: Gate) -> bool:
    """Whether nothing came back to the last question; it may be asked again for a while before a look gives up."""
    return gate in _silent


def settled_at(gate: Gate) -> Marks:
    """When somebody has last written the settings."""
    try:
        return (machines.file(gate.workspace).stat().st_mtime_ns,)
    except OSError:
        return ()


def look(gate: Gate, rested: Marks | None = None) -> Found | None:
    """How machines stand now; None where nobody has touched the settings with which asking was of no use."""
    marks = settled_at(gate)
    return None if marks == rested else replace(_look(gate), marks=marks)


def glance(gate: Gate, rested: Marks | None = None) -> Found | None:
    """The same, where anybody has ever asked for a machine here, so that there may be something to look at."""
    return look(gate, rested) if (gate.workspace.machines / audit.FILE).exists() else None


def _look(gate: Gate) -> Found:
    at = time.time()
    if not settled_at(gate):
        words = f"no configs/{machines.FILE} here: nothing says which machines there could be"
        return Found(trouble=words, advice="footplate init writes one; docs/machines.md leads from there", rests=True)
    try:
        desk, settings = desks.at(gate)
    except (FootplateError, OutsideError) as error:
        return Found(trouble=error.message, advice=error.hint, rests=True)
    known = Found(hosts=tuple(settings.hosts.values()), kinds=tuple(settings.kinds.values()),
                  simulated=settings.simulated, budget_usd=settings.budget.month_usd, at=at, **_done(gate))  # fmt: skip
    try:
        return _with_costs(gate, settings, replace(known, machines=tuple(desk.machines())))
    except OutsideError as error:
        final = isinstance(error, Denied | Refused)
        return replace(known, trouble=_short(error), advice=error.hint, rests=final)


def _short(error: OutsideError) -> str:
    """What a screen says of it; all that the network said stands in the command log."""
    return AWAY if isinstance(error, Unavailable) and NO_ANSWER in error.message else error.message


def orphans(gate: Gate) -> tuple[Orphan, ...]:
    """What costs without use."""
    with machines.explained():
        return tuple(desks.at(gate)[0].orphans())


def watchdog(gate: Gate, name: str) -> list[Watched | None]:
    """A machine as its own watchdog sees it; an empty list where the cloud cannot tell just now."""
    try:
        return [desks.at(gate)[0].watchdog(name)]
    except (FootplateError, OutsideError):  # whoever looks at the machines hears of it, and says so
        return []


def serial(gate: Gate, name: str) -> str:
    """What a machine wrote to its first serial port."""
    with machines.explained():
        return desks.at(gate)[0].serial(name)


def _done(gate: Gate) -> dict[str, Any]:
    """The newest acts, and those for which nobody waits: who does holds the lock of the machine."""
    folder = gate.workspace.machines
    operations = folder / "operations"
    lines = audit.read(folder).lines[-ACTS:]
    open_ones = [entry for entry in Journal(operations).everything().values() if not entry.over]
    waiting = [f"{entry.act} {entry.name}" for entry in open_ones if not held(operations / f".{entry.name}.lock")]
    return {"acts": tuple(reversed(lines)), "pending": tuple(waiting)}


def _with_costs(gate: Gate, settings: Settings, found: Found) -> Found:
    folder = gate.workspace.machines
    known = prices.load(folder)
    costs = ledger.cost(folder, found.machines, known)
    hourly = {one.name: _hour(known, one, one.zone) for one in found.machines}
    kinds = {kind.name: _hour(known, kind, zone) for kind in found.kinds for zone in settings.zones[:1]}
    bills: dict[str, Bill] = {}
    for one in costs.machines:  # a name may have had several lives
        bills[one.name] = _added(bills.get(one.name, Bill()), _bill(one))
    warning = budget.check(costs, settings.budget)
    return replace(found, bills=bills, running_usd=hourly, kinds_usd=kinds, total=_bill(costs), warning=warning)


def _hour(known: prices.Prices, shape: Machine | Kind, zone: str) -> float | None:
    """What an hour costs while it runs, disk and address included."""
    price = known.rates(shape, zone).running()
    return None if price is None else float(price)


def _added(one: Bill, other: Bill) -> Bill:
    sums = {name: getattr(one, name) + getattr(other, name) for name in SUMS}
    names = dict.fromkeys((*one.parts, *other.parts))
    parts = {name: one.parts.get(name, 0.0) + other.parts.get(name, 0.0) for name in names}
    return Bill(parts=parts, words=(*one.words, *other.words), **sums)


def _bill(cost: ledger.Cost | ledger.Costs) -> Bill:
    parts: Mapping[str, Decimal] = getattr(cost, "parts", {})
    sums = {name: float(getattr(cost, name)) for name in SUMS}
    return Bill(parts={name: float(part) for name, part in parts.items()}, words=tuple(cost.words), **sums)
