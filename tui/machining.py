"""Machines as rows: what stands in the tables of the Machines screen and of the Overview."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from tui import cells
from tui import format as words
from tui.entries import Entry
from tui.services.machines import Bill, Found
from tui.widgets.columns import Column
from tui.widgets.tones import Cell
from vmops.audit import Line
from vmops.provider import Machine, Orphan

COLUMNS = (
    Column("name", "machine", 9, flex=2, most=24),
    Column("state", "state", 20, flex=1, most=32),
    Column("runs", "runs", 6, flex=1, keep=6, most=24),
    Column("gpu", "gpu", 6, keep=7, most=14),
    Column("kind", "kind", 7, flex=1, keep=5, most=14),
    Column("zone", "zone", 13, keep=2, most=16),
    Column("spot", "price", 8, keep=1),
    Column("up", "up", 4, keep=3, right=True),
    Column("hourly", "$/h", 6, right=True),
    Column("today", "today", 6, keep=4, right=True),
    Column("month", "month", 7, keep=8, right=True),
)
RUNS = (
    Column("state", "state", 11, keep=8),
    Column("name", "run", 12, flex=2, most=40),
    Column("progress", "progress", 10, flex=1),
    Column("load", "uses", 12, flex=1, keep=4),
    Column("link", "connection", 14, flex=2, keep=6),
)
ACTS = (
    Column("at", "at", 12),
    Column("act", "act", 9, most=14),
    Column("machine", "machine", 9, flex=1, most=24),
    Column("what", "what", 16, flex=3, keep=6),
    Column("who", "who", 10, flex=1, keep=3, most=24),
)
ORPHANS = (
    Column("what", "what", 8),
    Column("name", "name", 12, flex=2, most=40),
    Column("month", "$/month", 8, right=True),
    Column("place", "where", 13, keep=4, most=18),
    Column("why", "why", 20, flex=3, keep=6),
)
SIGNS = {
    "asked": "○",
    "provisioning": "◔",
    "staging": "◑",
    "running": "●",
    "stopping": "◑",
    "stopped": "■",
    "gone": "✗",
}
TONES = {"running": "accent", "stopped": "dim", "gone": "bad"}
REACHED = {"running": "running", "stopped": "stopped", "deleted": "gone"}
UNNAMED = ("what", "words", "said", "kind", "zone", "why", "error")  # facts whose value says enough
NOT_SAID = ("seen", "rates")  # of an act, for those who reckon
Row = tuple[Cell, ...]
Rows = Mapping[str, Row]


def rows(found: Found, entries: Sequence[Entry], wanted: Mapping[str, str], now: float) -> dict[str, Row]:
    """A row for each machine, by its name; `wanted` is what was asked for this very moment."""
    rented = {machine.name: _row(machine, found.bills.get(machine.name, Bill()), on(machine.name, entries),
                                 wanted.get(machine.name, ""), now) for machine in found.machines}  # fmt: skip
    asked = {name: _asked(name, wish) for name, wish in wanted.items() if name not in rented}
    only = {host.name: _host(host.name, host.address, on(host.name, entries)) for host in found.hosts}
    return {**rented, **asked, **only}


def on(name: str, entries: Sequence[Entry]) -> list[Entry]:
    """The runs that move on a machine, or wait for it."""
    return [entry for entry in entries if entry.status.machine == name and entry.moving]


def state(machine: Machine, wanted: str = "") -> Cell:
    """The state with its sign, and what is wanted where it is not so yet."""
    taken = machine.preempted and machine.state == "stopped"
    said = "▲ preempted" if taken else f"{SIGNS.get(machine.state, '?')} {machine.state}"
    wish = wanted or ("" if taken else machine.wanted)  # nobody starts again what the cloud took back
    if wish and REACHED.get(wish) != machine.state:
        said += f" → {wish}"
    bad = f"{said} !" if machine.problem else said
    return Cell(bad, "warn" if machine.problem or taken else TONES.get(machine.state, ""))


def gpu(machine: Machine) -> str:
    """T4, or 2×T4."""
    name = machine.gpu.removeprefix("nvidia-").removeprefix("tesla-").upper()
    return f"{machine.gpus}×{name}" if machine.gpus > 1 else name


def dollars(value: float | None, digits: int = 2) -> str:
    """$0.23; ? where nobody knows."""
    return "?" if value is None else f"${value:,.{digits}f}"


def cents(value: float) -> str:
    """$1.23; what is less than a cent with more digits, so that it is not taken for nothing."""
    return dollars(value, 4 if 0 < value < 0.01 else 2)


def _row(machine: Machine, bill: Bill, runs: Sequence[Entry], wanted: str, now: float) -> Row:
    up = words.age(now - machine.started_at) if machine.started_at and machine.state == "running" else ""
    costs = bool(bill.hourly)
    return (
        Cell(machine.name), state(machine, wanted), _runs(runs), Cell(_load(machine, runs)), Cell(machine.kind, "dim"),
        Cell(machine.zone, "dim"), Cell("spot" if machine.spot else "standard", "dim"), Cell(up, "dim"),
        Cell(f"{bill.hourly:.3f}" if costs else "", "warn" if costs and machine.state == "stopped" else ""),
        Cell(f"{bill.today:.2f}" if bill.today else "", "dim"), Cell(f"{bill.month:.2f}" if bill.month else ""),
    )  # fmt: skip


def _load(machine: Machine, runs: Sequence[Entry]) -> str:
    busy = [run.load.gpu_percent for run in runs if run.load is not None and run.load.gpu_percent is not None]
    return f"{gpu(machine)} {max(busy):.0f}%" if busy else gpu(machine)


def _runs(runs: Sequence[Entry]) -> Cell:
    return Cell("" if not runs else runs[0].name if len(runs) == 1 else f"{len(runs)} runs", "accent")


def _asked(name: str, wanted: str) -> Row:
    """A machine that was asked for, and of which the cloud has not told anything yet."""
    return (Cell(name), Cell(f"○ asked → {wanted}"), *[Cell("")] * (len(COLUMNS) - 2))


def _host(name: str, address: str, runs: Sequence[Entry]) -> Row:
    empty = Cell("")
    return (Cell(name), Cell("· only ssh", "dim"), _runs(runs), empty, Cell("host", "dim"), Cell(address, "dim"), empty,
            empty, empty, empty, empty)  # fmt: skip


def runs_of(entries: Sequence[Entry]) -> dict[str, Row]:
    """The runs of a machine, by their ids."""
    return {entry.id: (cells.state(entry), cells.name(entry), cells.progress(entry), cells.load(entry),
                       cells.link(entry)) for entry in entries}  # fmt: skip


def acts_of(lines: Sequence[Line], name: str = "") -> dict[str, Row]:
    """What was done, newest first: to one machine, or to all."""
    meant = [line for line in lines if name in ("", line.machine)]
    return {str(place): _act(line) for place, line in enumerate(meant)}


def _act(line: Line) -> Row:
    at = time.strftime("%d.%m. %H:%M", time.localtime(line.at))
    bad = line.act in ("refused", "failed", "preempted", "went_over_budget")
    tone = "warn" if bad else ""
    return (
        Cell(at, "dim"),
        Cell(line.act.replace("_", " "), tone),
        Cell(line.machine),
        Cell(what(line)),
        Cell(line.who, "dim"),
    )


def what(line: Line) -> str:
    """The facts of an act in words; `what preempted` beside the act `observed` says its name for nothing."""
    facts = {name: value for name, value in line.facts.items() if name not in NOT_SAID and value not in ("", None)}
    return ", ".join(str(value) if name in UNNAMED else f"{name} {value}" for name, value in facts.items())


def orphans_of(found: Sequence[Orphan]) -> dict[str, Row]:
    """What costs without use, by what it is and where."""
    return {
        f"{one.what} {one.place} {one.name}": (
            Cell(one.what), Cell(one.name), Cell(dollars(one.monthly_usd), "warn"), Cell(one.place, "dim"),
            Cell(one.why),
        ) for one in found
    }  # fmt: skip
