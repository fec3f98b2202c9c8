"""Where a run goes: here, on a machine, or on a new machine of a kind; and what is told of it before it starts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.remote.wish import THENS, Wish
from tui import machinewords
from tui.machining import dollars, gpu, state
from tui.services.machines import Found
from tui.widgets.columns import Column
from tui.widgets.tones import Cell
from vmops.provider import Kind, Machine

COLUMNS = (
    Column("name", "where", 12, flex=1, most=28),
    Column("what", "what", 24, flex=2),
    Column("cost", "an hour", 8, right=True, keep=6),
)
HERE, NEW = "", "new:"
AFTER = {
    "keep": "the machine stays on afterwards, and costs",
    "stop": "the machine is stopped when all is here",
    "delete": "the machine is deleted when all is here",
}


@dataclass(frozen=True)
class Where:
    """A place for a run: no name is this machine; a kind asks for a new machine of this name first."""

    wish: Wish | None = None
    kind: str = ""
    hourly_usd: float | None = None
    simulated: bool = False

    @property
    def words(self) -> str:
        """As the form's title has it."""
        if self.wish is None:
            return "here"
        new = f"new {self.kind} " if self.kind else ""
        more = ", keep alive" * self.wish.keep_alive + ", uncommitted" * self.wish.uncommitted
        return f"on {new}{self.wish.name}, then {self.wish.then}{more}"


def rows(found: Found) -> dict[str, tuple[Cell, ...]]:
    """Every place by its key: here, machines by their names, kinds behind `new:`."""
    here = {HERE: (Cell("here"), Cell("this machine", "dim"), Cell(""))}
    there = {one.name: _machine(one, found.running_usd.get(one.name)) for one in found.machines if one.state != "gone"}
    hosts = {one.name: (Cell(one.name), Cell(f"only ssh, {one.address}", "dim"), Cell("")) for one in found.hosts}
    kinds = (
        {f"{NEW}{kind.name}": _kind(kind, found.kinds_usd.get(kind.name)) for kind in found.kinds}
        if not found.rests
        else {}
    )
    return {**here, **there, **hosts, **kinds}


def chosen(key: str, found: Found, wish: Wish) -> Where:
    """The place of a key, with what was wished of any."""
    if key == HERE:
        return Where()
    if key.startswith(NEW):
        kind = key.removeprefix(NEW)
        taken = [machine.name for machine in found.machines]
        name = machinewords.named([one.name for one in found.kinds], taken, kind)
        return Where(replace(wish, name=name, kind=kind), kind, found.kinds_usd.get(kind), found.simulated)
    rented = any(machine.name == key for machine in found.machines)
    wish = wish if rented else replace(wish, then="keep", keep_alive=False)  # a host is nobody's to stop
    return Where(replace(wish, name=key, kind=""), "", found.running_usd.get(key), found.simulated and rented)


def next_then(then: str) -> str:
    """The next of what may become of the machine."""
    return THENS[(THENS.index(then) + 1) % len(THENS)]


def question(where: Where, named: str) -> str:
    """What is asked before a run goes to a machine."""
    wish = where.wish
    assert wish is not None
    first = f"  a new machine is rented for it: {where.kind}, in the first zone that has one\n" if where.kind else ""
    unknown = "  nobody knows what it costs\n" if where.kind else ""
    costs = f"  {dollars(where.hourly_usd, 3)} an hour while it runs\n" if where.hourly_usd else unknown
    alive = "  where it is taken away, the run goes on by itself\n" * wish.keep_alive
    code = "  code that no commit holds goes along, and is recorded\n" * wish.uncommitted
    simulated = "  simulated: nothing is billed\n" * where.simulated
    return f"Start {named} on {wish.name}?\n\n{first}{costs}  {AFTER[wish.then]}\n{alive}{code}{simulated}".rstrip()


def _machine(machine: Machine, hourly: float | None) -> tuple[Cell, ...]:
    what = f"{state(machine).text}, {machine.kind} {gpu(machine)}".rstrip()
    return Cell(machine.name), Cell(what), Cell(dollars(hourly, 3) if hourly else "", "dim")


def _kind(kind: Kind, hourly: float | None) -> tuple[Cell, ...]:
    gpus = f", {kind.gpus} {kind.gpu.removeprefix('nvidia-')}" if kind.gpus else ""
    choice = "spot" if kind.spot else "standard"
    return (
        Cell(f"new {kind.name}", "accent"),
        Cell(f"{choice}, {kind.machine_type}{gpus}", "dim"),
        Cell(dollars(hourly, 3), "dim"),
    )
