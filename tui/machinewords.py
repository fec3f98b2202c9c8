"""Machines in words: the head of their screen, all about one of them, what everything costs, and a plan."""

from __future__ import annotations

import time
from collections.abc import Sequence

from engine.words import duration
from tui.format import bar, several
from tui.machining import cents, dollars, gpu, state
from tui.services.machines import Bill, Found
from vmops.provider import Machine, Plan
from vmops.settings import Fixed

GAUGE = 24
SIMULATED = "simulated: this cloud is a process on this computer, and nothing is billed"
ZONES = "Zones, in the order in which they are asked; the prices leave disk and address out"
MONTH_H = 730
ROOMY = 90  # cells, from which on there is room for today as well


def head(found: Found, width: int = 160) -> list[str]:
    """What runs, what that costs, and what is wrong; on one line also where that is short."""
    lines = [f"✗ {found.trouble}", f"  → {found.advice}"] if found.trouble else []
    if found.machines or not found.trouble:
        on = sum(machine.state == "running" for machine in found.machines)
        count = f"{several(len(found.machines), 'machine')}, {on} on"
        hourly, today, month = money(found)
        sums = [hourly, today, month] if width >= ROOMY else [hourly, month]
        lines.append(" · ".join([*(["SIMULATED"] * found.simulated), count, *sums]))
    elif found.simulated:
        lines.append("SIMULATED")
    lines += [f"! {found.warning}"] * bool(found.warning)
    waits = ", ".join(found.pending)
    return [*lines, *[f"! asked for, and nobody waits: {waits}; {{adopt}} takes it up"] * bool(waits)]


def money(found: Found) -> list[str]:
    """What all of them cost now, today and this month."""
    total, limit = found.total, found.budget_usd
    month = f"{dollars(total.month)}{f' of {dollars(limit, 0)}' if limit else ''} this month"
    return [f"{dollars(total.hourly, 3)}/h", f"{dollars(total.today)} today", month]


def detail(machine: Machine, bill: Bill, now: float, guard: Sequence[str] = ()) -> list[str]:
    """All that is known of a machine; `guard` is what its own watchdog sees."""
    up = f", up {duration(now - machine.started_at)}" if machine.started_at and machine.state == "running" else ""
    lines = [f"{machine.name}  {state(machine).text}{up}"]
    lines += [f"! {machine.problem}"] * bool(machine.problem)
    lines += ["! the cloud took it back; {start_machine} asks for it again"] * machine.preempted
    lines += [f"  {'watchdog' if not number else '':<8} {words}" for number, words in enumerate(guard)]
    choice = "spot: the cloud may take it back" if machine.spot else "standard"
    shape = f"{machine.machine_type}, {gpu(machine)}" if machine.gpu else machine.machine_type
    lines += [f"  kind     {machine.kind} · {shape} · {choice}", f"  zone     {machine.zone}"]
    lines += [f"  disk     {machine.disk_gb} GB {machine.disk_type}"] * bool(machine.disk_gb)
    port = f" port {machine.port}" if machine.port != 22 else ""
    lines += [f"  address  {machine.address}{port}"] * bool(machine.address)
    ends = machine.ends_at if machine.state == "running" else None  # only running time counts for it
    lines += [f"  ends     {_at(ends)} at the latest: the cloud's own limit"] * bool(ends)
    lines += _costs(machine, bill)
    lines += [f"  made     {_at(machine.created_at)}"] * bool(machine.created_at)
    lines += [f"  id       {machine.id}{' · simulated' * machine.simulated}"] * bool(machine.id)
    return [*lines, *(f"  {name:<8} {value}" for name, value in sorted(machine.labels.items()))]


def about_host(host: Fixed) -> list[str]:
    """All that is known of a machine that nobody rents."""
    port = f" port {host.port}" if host.port != 22 else ""
    lines = [f"{host.name}  only ssh: nobody here starts, stops or pays it", f"  address  {host.address}{port}"]
    lines += [f"  user     {host.user}"] * bool(host.user)
    return lines + [f"  python   {host.python}"] * bool(host.python)


def costs(found: Found) -> list[str]:
    """What everything costs, the budget as a gauge, each machine with its parts, and what was assumed."""
    total, limit = found.total, found.budget_usd
    lines = [SIMULATED] * found.simulated
    lines.append("This month")
    if limit:
        part = total.month / limit
        lines.append(f"  {bar(min(1.0, part), GAUGE)} {part:.0%} of {dollars(limit)}")
        lines.append(f"  {dollars(total.month)} spent, {dollars(total.ahead)} still to come if nobody stops anything")
    else:
        lines.append(f"  {dollars(total.month)} spent; no budget: budget.month_usd in configs/machines.yaml sets one")
    lines += [f"! {found.warning}"] * bool(found.warning)
    lines += [
        "Now",
        f"  {dollars(total.hourly, 3)} an hour, {dollars(total.today)} today, {dollars(total.so_far)} in all",
    ]
    if found.bills:
        lines += ["Each", f"  {'machine':<20} {'an hour':>9} {'today':>9} {'month':>9} {'in all':>9}  of which"]
    lines += [line for name, bill in found.bills.items() for line in _each(name, bill)]
    return [*lines, *(f"! {word}" for word in total.words)]


def _each(name: str, bill: Bill) -> list[str]:
    numbers = [dollars(bill.hourly, 3), *(cents(value) for value in (bill.today, bill.month, bill.so_far))]
    parts = ", ".join(f"{part} {cents(value)}" for part, value in _dearest(bill) if value)
    return [
        f"  {name:<20} {' '.join(f'{number:>9}' for number in numbers)}  {parts}",
        *(f"    ! {word}" for word in bill.words),
    ]


def _dearest(bill: Bill) -> list[tuple[str, float]]:
    """The parts of a bill, what costs most first: a narrow screen cuts the others."""
    return sorted(bill.parts.items(), key=lambda part: -part[1])


def _costs(machine: Machine, bill: Bill) -> list[str]:
    if not (bill.so_far or bill.hourly):
        return []
    stopped = ": its disk stays, and costs until it is deleted" * (machine.state == "stopped")
    lines = [f"  costs    {dollars(bill.hourly, 3)} an hour now{stopped}"]
    sums = (cents(bill.so_far), f"{cents(bill.today)} of it today", f"{cents(bill.month)} this month")
    lines.append(f"  so far   {', '.join(sums)}")
    return [*lines, *(f"! {word}" for word in bill.words)]


def plan(plan: Plan, warning: str = "") -> list[str]:
    """What would be asked for, at what price, with which limits; what speaks against it stands first."""
    lines = [f"✗ {problem}" for problem in plan.problems]
    lines += [f"! {plan.there.name} is there already, {plan.there.state}: asking changes nothing"] if plan.there else []
    lines += [f"! {warning}"] * bool(warning)
    kind = plan.kind
    gpus = f", {kind.gpus} {kind.gpu}" if kind.gpus else ""
    lines += [f"{kind.name}: {kind.machine_type}{gpus}, {kind.disk_gb} GB {kind.disk_type}"]
    lines += _spot_or_standard(plan)
    lines += [ZONES, *(_zone(offer.zone, offer.hourly_usd, offer.out_at,
              offer.quota) for offer in plan.zones)]  # fmt: skip
    lines += ["Limits", *(f"  {limit}" for limit in plan.limits)]
    lines += ["Quota", *(_quota(one.metric, one.region, one.usage, one.asked, one.limit, one.enough)
              for one in plan.quotas)] if plan.quotas else []  # fmt: skip
    return [*lines, f"Prices: {plan.prices}", *[SIMULATED] * plan.simulated]


def price(plan: Plan) -> str:
    """What it costs an hour, a day, and a month that never ends."""
    hourly = plan.hourly_usd
    if hourly is None:
        return "nobody knows its price: footplate vm prices --refresh FILE brings one"
    return f"{dollars(hourly, 3)} an hour, {dollars(hourly * 24)} a day, {dollars(hourly * MONTH_H)} a month"


def _spot_or_standard(plan: Plan) -> list[str]:
    here, there = ("spot", "standard") if plan.kind.spot else ("standard", "spot")
    prices = {"spot": plan.spot_usd, "standard": plan.standard_usd}
    return [
        f"  as {here} {dollars(prices[here], 3)} an hour; as {there} {dollars(prices[there], 3)}; "
        "disk and address included",
        f"  {plan.choice}",
    ]


def _zone(zone: str, hourly: float | None, out_at: float | None, quota: str) -> str:
    out = f"  ! had none left at {_at(out_at)}" if out_at else ""
    return f"  {zone:<18} {dollars(hourly, 3)}{out}{f'  ! {quota}' if quota else ''}"


def _quota(metric: str, region: str, usage: float, asked: float, limit: float, enough: bool) -> str:
    sign = " " if enough else "✗"
    return f"{sign} {metric} {region or 'in all regions'}: {usage:g} in use, {asked:g} asked for, {limit:g} allowed"


def _at(seconds: float | None) -> str:
    return time.strftime("%d.%m. %H:%M", time.localtime(seconds)) if seconds else ""


def named(kinds: Sequence[str], taken: Sequence[str], kind: str) -> str:
    """A name for a machine of a kind that no machine has: gpu-1, cpu-2."""
    stem = kind.partition("-")[0] if kind in kinds else "machine"
    number = next(n for n in range(1, len(taken) + 2) if f"{stem}-{n}" not in taken)
    return f"{stem}-{number}"
