"""What `footplate vm` tells: machines, one of them, kinds, quotas, orphans."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from engine.commands.verb import Asked, answer, say, table, workspace
from engine.commands.vmwords import clipped, harmless
from engine.errors import AskError

if TYPE_CHECKING:
    from vmops.desk import Desk
    from vmops.ledger import Cost
    from vmops.provider import Machine


@contextmanager
def opened(asked: Asked) -> Iterator[Desk]:
    """Where machines are asked about; what can be refused without the cloud is refused before it is loaded."""
    from engine import machines

    _checked(asked)
    with machines.desk(workspace(asked)) as desk, machines.explained():
        try:
            yield desk
        except KeyboardInterrupt:
            say("\nwhat was asked for goes on without you: footplate vm adopt waits for it")
            raise


def _checked(asked: Asked) -> None:
    """The kind and the name that were given, and whether there can be credentials."""
    from engine import machines
    from vmops import logins, naming

    settings = machines.settings(workspace(asked))
    kind, name, count = (getattr(asked, word, None) for word in ("kind", "name", "count"))
    with machines.explained():
        if kind is not None and kind not in settings.kinds:
            known = ", ".join(settings.kinds) or "none"
            raise AskError(f"no kind of machine {kind!r}", hint=f"kinds in configs/machines.yaml: {known}")
        if name is not None:
            naming.machine(name if (count or 1) == 1 else f"{name}-{count}")
        logins.checked(settings)


def simulated(desk: Desk) -> None:
    """Say so where machines are not real."""
    if desk.settings.simulated:
        say("simulated: the cloud is on this computer, and nothing costs anything")


def listing(asked: Asked) -> int:
    """Every machine, with what it costs."""
    with opened(asked) as desk:
        found = desk.machines()
        simulated(desk)
        costs = _costs(desk, found)
    value = [{**plain(one), "cost": costs.get(one.name) and _money(costs[one.name])} for one in found]
    if not found:
        return answer(asked, value, "no machines; footplate vm plan KIND NAME shows what one would cost")
    return answer(asked, value, table([_row(one, costs.get(one.name)) for one in found], COLUMNS))


COLUMNS = ("NAME", "STATE", "KIND", "ZONE", "UP", "$/H", "SO FAR", "ADDRESS", "")


def _row(one: Machine, cost: Cost | None) -> tuple[str, ...]:
    from vmops.bill import dollars

    hourly, so_far = (dollars(cost.hourly), dollars(cost.so_far)) if cost else ("", "")
    up = uptime(one, time.time())
    return clipped(one.name), state(one), one.kind, one.zone, up, hourly, so_far, one.address, harmless(one.problem)


def state(one: Machine) -> str:
    """Its state in words, with what somebody wants it to be where that is something else."""
    words = f"{one.state} (preempted)" if one.preempted else one.state
    same = {"running": "running", "stopped": "stopped", "deleted": "gone", "": one.state}
    return words if same.get(one.wanted) == one.state else f"{words}, wanted {one.wanted}"


def uptime(one: Machine, now: float) -> str:
    """How long it has been running; nothing where it does not."""
    if one.state != "running" or not one.started_at:
        return ""
    minutes = int(max(0.0, now - one.started_at) // 60)
    return f"{minutes // 60}h{minutes % 60:02d}"


def _costs(desk: Desk, found: list[Machine]) -> dict[str, Cost]:
    """What each costs that is there, by its name; of several lives the newest."""
    from vmops import ledger, prices

    told = ledger.cost(desk.folder, found, prices.load(desk.folder))
    return {one.name: one for one in told.machines if one.state != "gone"}


def _money(cost: Cost) -> dict[str, float]:
    return {key: round(float(getattr(cost, key)), 6) for key in ("hourly", "so_far", "today", "month")}


def describe(asked: Asked) -> int:
    """All that is known of one machine, by the cloud and by its own watchdog."""
    from vmops import watched

    with opened(asked) as desk:
        one = _known(desk, asked.name)
        seen = desk.watchdog(asked.name) if one.state == "running" else None
    value = plain(one)
    words = [f"{key}: {_said(key, found)}" for key, found in value.items() if found not in (None, "", {}, False)]
    if one.state == "running":
        words += ["watchdog:", *(f"  {harmless(line)}" for line in watched.lines(seen, time.time()))]
    return answer(asked, {**value, "watchdog": plain(seen)}, "\n".join(words))


def _known(desk: Desk, name: str) -> Machine:
    """One machine; also one that is asked for, and of which the cloud knows nothing between two zones."""
    from vmops.errors import NotFound

    try:
        return desk.machine(name)
    except NotFound:
        if asked_for := next((one for one in desk.machines() if one.name == name), None):
            return asked_for
        raise


def _said(key: str, value: Any) -> str:
    if key.endswith("_at"):
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(value))
    return " ".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else str(value)


def usd(value: float | None) -> str:
    return "price unknown" if value is None else f"${value:.3f}"


def kinds(asked: Asked) -> int:
    """The kinds of machines, with what an hour costs in the first zone."""
    from engine import machines
    from vmops import prices

    there = workspace(asked)
    known, costs = machines.settings(there), prices.load(there.machines)
    first = known.zones[0]
    rows, value = [], []
    for kind in known.kinds.values():
        hourly = costs.hourly(kind, first)
        price = None if hourly is None else float(hourly)
        gpus = f"{kind.gpus} × {kind.gpu}" if kind.gpus else ""
        rows.append((kind.name, kind.machine_type, gpus, "spot" if kind.spot else "standard", usd(price),
                     f"{kind.disk_gb} GB", f"{kind.max_hours:g} h"))  # fmt: skip
        value.append({**plain(kind), "hourly_usd": price, "zone": first})
    return answer(asked, value, table(rows, ("KIND", "TYPE", "GPU", "", f"$/H {first}", "DISK", "AT MOST")))


def quotas(asked: Asked) -> int:
    """How much the project may use of what the kinds need."""
    with opened(asked) as desk:
        found = desk.quotas()
    rows = [(one.metric, one.region or "all regions", f"{one.usage:g}", f"{one.limit:g}") for one in found]
    return answer(asked, plain(found), table(rows, ("QUOTA", "WHERE", "IN USE", "LIMIT")))


def orphans(asked: Asked) -> int:
    """What costs without use."""
    with opened(asked) as desk:
        found = desk.orphans()
    rows = [(one.what, one.name, one.place, usd(one.monthly_usd), one.why) for one in found]
    words = table(rows, ("WHAT", "NAME", "PLACE", "$/MONTH", "WHY")) if rows else "nothing costs without use"
    return answer(asked, plain(found), words)


def serial(asked: Asked) -> int:
    """What a machine wrote to its first serial port."""
    with opened(asked) as desk:
        text = desk.serial(asked.name)
    words = "\n".join(harmless(line) for line in text.rstrip("\n").split("\n"))
    return answer(asked, {"name": asked.name, "serial": text}, words)


def line(one: Machine) -> str:
    """A machine in one line."""
    return "  ".join(filter(None, [one.name, state(one), one.kind, one.zone, one.address, one.problem]))


def plain(value: Any) -> Any:
    """As JSON has it."""
    from vmops import codec

    return codec.plain(value)
