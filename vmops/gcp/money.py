"""Before something that costs is asked for: what it costs, and whether the budget allows it."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

from vmops import budget, ledger
from vmops.bill import NOTHING
from vmops.errors import OverBudget
from vmops.gcp.cloud import Cloud
from vmops.journal import Entry
from vmops.prices import Shape
from vmops.provider import Machine, Say


def afford(cloud: Cloud, name: str, shape: Shape, zone: str, max_hours: float, *, disk: bool, over: bool) -> str:
    """What is to be said of the month's budget; OverBudget where it would not hold and `over` does not say go on."""
    now = time.time()
    found = cloud.machines()
    costs = ledger.cost(cloud.folder, found, cloud.prices, now)
    costs = replace(costs, ahead=costs.ahead + _begun(cloud, name, found, now))
    asked = budget.wish(cloud.prices.rates(shape, zone), max_hours, now, disk=disk)
    return budget.check(costs, cloud.settings.budget, asked, over=over)


def _begun(cloud: Cloud, but: str, found: list[Machine], now: float) -> Decimal:
    """What machines cost that somebody has asked for and that are not there, or do not run, yet."""
    there = {one.name: one for one in found}
    wishes = [
        _bound(cloud, entry, there.get(name), now)
        for name, entry in cloud.journal.everything().items()
        if name != but and not entry.over and entry.wanted == "running"
    ]
    return sum(wishes, NOTHING)


def _bound(cloud: Cloud, entry: Entry, there: Machine | None, now: float) -> Decimal:
    kind = cloud.settings.kinds.get(entry.kind)
    if kind is None or (there and there.state == "running"):  # who runs is in the ledger; of who does not yet, its disk
        return NOTHING
    zone = entry.zone or cloud.settings.zones[0]
    asked = budget.wish(cloud.prices.rates(there or kind, zone), kind.max_hours, now, disk=there is None)
    return asked.usd or NOTHING


def must_afford(
    cloud: Cloud, act: str, name: str, shape: Shape, zone: str, max_hours: float, *, over: bool, say: Say
) -> None:
    """The same before an act: what is refused and what is gone over goes into the audit."""
    if cloud.settings.budget.month_usd is None:
        return
    try:
        words = afford(cloud, name, shape, zone, max_hours, disk=act == "create", over=over)
    except OverBudget as error:
        cloud.refused(name, act, error)
        raise
    if words:
        say(words)
        if over:
            cloud.note("went_over_budget", name, asked=act, said=words)
